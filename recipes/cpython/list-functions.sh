# Lists the functions of a profile, the most executed first: the sum of a function's counts, a tab, its name. The name of a
# static function begins with its file: "Objects/longobject.c;k_mul".
# shellcheck shell=sh
list_functions() {
    llvm-profdata show --all-functions --counts "$1" >/tmp/functions
    LC_ALL=C awk '
        /^  [^ ].*:$/ { name = substr($0, 3, length($0) - 3) }
        sub(/^    Block counts: /, "") {
            gsub(/[][,]/, " ")
            sum = 0
            for (field = 1; field <= NF; field++) sum += $field
            printf "%.0f\t%s\n", sum, name
        }' /tmp/functions | LC_ALL=C sort -k 1,1nr -k 2
}
