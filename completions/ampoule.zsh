#compdef ampoule
# Completes the command ampoule in zsh 5 or newer.
#
# `ampoule complete -- WORD...` prints one candidate per line, its description behind a tab. The last line says what
# else fits: :none, :files or :folders.
_ampoule() {
    local -a lines candidates
    local line
    lines=("${(@f)$("${words[1]}" complete -- "${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
    for line in "${(@)lines[1,-2]}"; do
        candidates+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
    done
    (( ${#candidates} )) && _describe value candidates
    case ${lines[-1]} in
    :files) compset -P '--*='; _files ;;
    :folders) compset -P '--*='; _files -/ ;;
    esac
}
if [[ ${funcstack[1]} = _ampoule ]]; then _ampoule "$@"; else compdef _ampoule ampoule; fi
