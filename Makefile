.PHONY: setup lock
setup:
	@scripts/setup
lock: setup
	@.venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-annotate --group dev --custom-compile-command "make lock" pyproject.toml -o requirements.lock
