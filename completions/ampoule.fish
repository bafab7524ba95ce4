# Completes the command ampoule in fish 3 or newer.
#
# `ampoule complete -- WORD...` prints one candidate per line, its description behind a tab. The last line says what
# else fits: :none, :files or :folders.
function __ampoule_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l lines ($words[1] complete -- $words[2..-1] "$current" 2>/dev/null)
    set -l option (string match --regex -- '^--[^=]*=' "$current")
    set -l text (string replace --regex -- '^--[^=]*=' '' "$current")
    switch "$lines[-1]"
        case :files
            for path in (__fish_complete_path "$text")
                echo "$option$path"
            end
        case :folders
            for path in (__fish_complete_directories "$text" '')
                echo "$option$path"
            end
    end
    set -e lines[-1]
    printf '%s\n' $lines
end
complete --command ampoule --no-files --arguments '(__ampoule_complete)'
