# Completes the command ampoule in bash 4.4 or newer.
#
# `ampoule complete -- WORD...` prints one candidate per line, its description behind a tab. The last line says what
# else fits: :none, :files or :folders.
_ampoule() {
    local -a lines
    mapfile -t lines < <("${COMP_WORDS[0]}" complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
    ((${#lines[@]})) || return
    case ${lines[-1]} in
    :none) compopt +o default ;;
    :folders) compopt +o default -o dirnames ;;
    esac
    unset 'lines[-1]'
    COMPREPLY=("${lines[@]%%$'\t'*}")
}
complete -o default -F _ampoule ampoule
