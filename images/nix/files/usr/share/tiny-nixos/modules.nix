# Options that are declared in some modules and defined in others, put together.
let
  inherit (builtins)
    all attrNames concatLists concatMap concatStringsSep deepSeq elem elemAt filter foldl' genList
    hasAttr head isAttrs isBool isFunction isInt isList isString length listToAttrs mapAttrs sort
    stringLength substring toJSON tryEval typeOf;

  isA = kind: value: isAttrs value && value._type or "" == kind;
  isPackage = value: isAttrs value && value.type or "" == "derivation";
  dotted = concatStringsSep ".";

  # -- types ---------------------------------------------------------------------------------

  # definitions that agree are one
  agree = values: if all (value: value == head values) values then { value = head values; } else { };
  plain = name: check: { inherit name check; merge = agree; };

  types = rec {
    bool = plain "boolean" isBool;
    int = plain "signed integer" isInt;
    str = plain "string" isString;
    port = plain "port number (0 to 65535)" (value: isInt value && value >= 0 && value <= 65535);
    package = plain "package" isPackage;
    anything = plain "anything" (_: true);
    lines = { name = "text"; check = isString; merge = values: { value = concatStringsSep "\n" values; }; };
    enum = values: plain "one of ${concatStringsSep ", " (map toJSON values)}" (value: elem value values);
    nullOr = type: plain "null or ${type.name}" (value: value == null || type.check value);
    listOf = type: {
      name = "list of ${type.name}";
      check = value: isList value && all type.check value;
      merge = values: { value = concatLists values; };
    };
    attrsOf = type: {
      name = "attribute set of ${type.name}";
      check = value: isAttrs value && all (name: type.check value.${name}) (attrNames value);
      merge = values: { value = foldl' (one: other: one // other) { } values; };
    };
  };

  # -- what a module is written with -----------------------------------------------------------

  lib = {
    inherit types;
    mkOption = attributes: attributes // { _type = "option"; };
    mkEnableOption = what: lib.mkOption {
      type = types.bool;
      default = false;
      description = "Whether to enable ${what}";
    };
    mkRenamed = to: { _type = "renamed"; inherit to; };
    mkRemoved = why: { _type = "removed"; inherit why; };
    mkIf = condition: content: { _type = "if"; inherit condition content; };
    mkForce = content: { _type = "priority"; priority = 50; inherit content; };
    mkDefault = content: { _type = "priority"; priority = 1000; inherit content; };
    optional = condition: value: if condition then [ value ] else [ ];
  };

  # -- reading modules -------------------------------------------------------------------------

  load = arguments: module:
    let
      read = if isFunction module || isAttrs module then module else import module;
      content = if isFunction read then read arguments else read;
    in {
      file = if isFunction module || isAttrs module then "a module" else toString module;
      imports = content.imports or [ ];
      options = content.options or { };
      config = content.config or (removeAttrs content [ "imports" "options" ]);
    };

  collect = arguments: concatMap (module:
    let loaded = load arguments module; in [ loaded ] ++ collect arguments loaded.imports);

  isDeclared = value: isA "option" value || isA "renamed" value || isA "removed" value;

  # the options of a tree, and its inner nodes, by their dotted names
  flatten = path: tree: concatMap (name:
    let here = path ++ [ name ]; value = tree.${name};
    in [ { name = dotted here; inherit value; } ]
      ++ (if isDeclared value then [ ] else flatten here value)) (attrNames tree);

  mergeAll = foldl' mergeTwo { };
  mergeTwo = one: other: one // mapAttrs (name: value:
    if hasAttr name one && !isDeclared value then mergeTwo one.${name} value else value) other;

  # The definitions of a module.  What they hang on, and what they say, is looked at later: it may
  # ask for other options.
  define = known: file: conditions: path: value:
    if isA "if" value
    then define known file (conditions ++ [ value.condition ]) path value.content
    else concatMap (name:
      let here = path ++ [ name ]; key = dotted here; inner = value.${name}; in
      if hasAttr key known && isDeclared known.${key}
      then [ { inherit file key; given = settled { inherit file conditions; priority = 100; value = inner; }; } ]
      else if hasAttr key known && (isA "if" inner || (isAttrs inner && !isPackage inner))
      then define known file conditions here inner
      else [ { inherit file key; given = { inherit conditions; }; unknown = true; } ]) (attrNames value);

  settled = definition:
    let value = definition.value; in
    if isA "if" value
    then settled (definition // {
      conditions = definition.conditions ++ [ value.condition ];
      value = value.content;
    })
    else if isA "priority" value
    then settled (definition // { inherit (value) priority; value = value.content; })
    else definition;

  # -- what was meant --------------------------------------------------------------------------

  least = foldl' (one: other: if other < one then other else one);

  # Levenshtein's distance, row by row
  distance = one: other:
    let
      width = stringLength other;
      row = above: line: foldl' (made: column: made ++ [
        (least (elemAt made column + 1) [
          (elemAt above (column + 1) + 1)
          (elemAt above column
            + (if substring line 1 one == substring column 1 other then 0 else 1))
        ])
      ]) [ (line + 1) ] (genList (column: column) width);
    in elemAt (foldl' row (genList (column: column) (width + 1))
      (genList (line: line) (stringLength one))) width;

  nearest = names: wanted:
    let
      far = map (name: { inherit name; distance = distance name wanted; }) names;
      sorted = sort (one: other: one.distance < other.distance) far;
      first = head sorted;
    in if first.distance * 3 <= stringLength wanted then " Did you mean '${first.name}'?" else "";

  shown = value:
    if isPackage value then "the package ${value.name}"
    else if isFunction value then "a function"
    else if isAttrs value then "a set of ${toString (length (attrNames value))} attributes"
    else if isList value then "[ ${concatStringsSep " " (map shown value)} ]"
    else if typeOf value == "path" then toString value
    else toJSON value;

  # -- putting it together ---------------------------------------------------------------------

  evaluate = { modules, pkgs }:
    let
      loaded = collect { inherit config pkgs lib; } modules;
      tree = mergeAll (map (module: module.options) loaded);
      known = listToAttrs (flatten [ ] tree);
      names = filter (name: isA "option" known.${name}) (attrNames known);
      written = concatMap (module: define known module.file [ ] [ ] module.config) loaded;
      target = key: if isA "renamed" known.${key} then known.${key}.to else key;
      active = filter (each: all (condition: condition) each.given.conditions);

      definitions = key:
        let
          here = active (filter (each: !(each ? unknown) && target each.key == key) written);
          best = least 10000 (map (each: each.given.priority) here);
        in map (each: each.given) (filter (each: each.given.priority == best) here);

      valueOf = key: option:
        let
          found = definitions key;
          wrong = ofType key;
        in
        if found == [ ] then
          option.default or (throw "The option '${key}' is used, and nobody has defined it.")
        else if wrong != [ ] then throw (head wrong)
        else (option.type.merge (map (each: each.value) found)).value;

      valuesOf = path: mapAttrs (name: value:
        let here = path ++ [ name ]; in
        if isA "option" value then valueOf (dotted here) value
        else if isDeclared value then throw "The option '${dotted here}' can't be read."
        else valuesOf here value);
      config = valuesOf [ ] tree;

      ofType = key:
        let
          option = known.${key};
          found = definitions key;
          wrong = filter (each: !option.type.check each.value) found;
          places = concatStringsSep " and " (map (each: each.file) found);
        in
        if wrong != [ ] then map (each:
          "A definition for option '${key}' is not of type '${option.type.name}': "
          + "${shown each.value} (in ${each.file}).") wrong
        else if found != [ ] && !(option.type.merge (map (each: each.value) found) ? value) then [
          "The option '${key}' has conflicting definitions: ${concatStringsSep " and " (map (each:
            shown each.value) found)} (in ${places})."
        ]
        else [ ];

      # what hangs on an option that is wrong itself is left out: it is that one's problem
      ofTypeIfKnown = key:
        let tried = tryEval (let wrong = ofType key; in deepSeq wrong wrong);
        in if tried.success then tried.value else [ ];

      unknown = map (each:
        "The option '${each.key}' does not exist (in ${each.file}).${nearest (attrNames known) each.key}")
        (active (filter (each: each ? unknown) written));
      removed = map (each:
        "The option '${each.key}' no longer has any effect (in ${each.file}). "
        + known.${each.key}.why)
        (active (filter (each: !(each ? unknown) && isA "removed" known.${each.key}) written));
      renamed = map (each:
        "The option '${each.key}' has been renamed to '${known.${each.key}.to}' (in ${each.file}).")
        (active (filter (each: !(each ? unknown) && isA "renamed" known.${each.key}) written));
      wellFormed = unknown ++ removed ++ concatMap ofTypeIfKnown names;
    in {
      inherit config;
      warnings = renamed;
      # assertions may look at values that are not of their types
      problems = if wellFormed != [ ] then wellFormed else
        map (each: each.message) (filter (each: !each.assertion) config.assertions);
    };
in
{ inherit evaluate; }
