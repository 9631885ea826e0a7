# Read by every interactive bash of a node.
[ -z "$PS1" ] && return
shopt -s checkwinsize histappend
export LANG=C.UTF-8
PS1='\u@\h:\w\$ '
alias ls='ls --color=auto'
