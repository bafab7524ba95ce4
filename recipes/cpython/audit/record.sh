# To be sourced: keeps each call of the compiler and of the archiver, and passes it on.

calls=/build/calls
recorders=/build/recorders

# One file for each process: calls run side by side. How many words, the folder, the words; each ends with a zero byte.
start_recording() {
    mkdir "$calls" "$recorders"
    for tool in clang llvm-ar; do
        cat >"$recorders/$tool" <<END
#!/bin/sh
PATH=\${PATH#$recorders:}
printf '%s\\0' "\$#" "\$PWD" $tool "\$@" >>"$calls/\$\$"
exec $tool "\$@"
END
        chmod +x "$recorders/$tool"
    done
    PATH=$recorders:$PATH
}

# A compilation database: https://clang.llvm.org/docs/JSONCompilationDatabase.html. Calls come in any order and more
# than once; those of configure's tests are none of the build's.
write_calls() {
    # shellcheck disable=SC2016 # perl's variables
    LC_ALL=C perl -MJSON::PP -e '
        my $json = JSON::PP->new->canonical;
        my %lines;
        for my $file (glob "$ARGV[0]/*") {
            open my $stream, "<", $file or die "$file: $!\n";
            local $/;
            my @words = split /\0/, <$stream>, -1;
            while (@words > 1) {
                my ($count, $directory) = splice @words, 0, 2;
                my @arguments = splice @words, 0, $count + 1;
                next if grep { /conftest/ } @arguments;
                $lines{$json->encode({directory => $directory, arguments => \@arguments})} = 1;
            }
        }
        %lines or die "no call was recorded\n";
        print "[\n", join(",\n", sort keys %lines), "\n]\n";
    ' "$calls" >"$1"
}
