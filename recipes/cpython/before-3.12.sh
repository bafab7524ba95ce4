# Before configure, of a Python before 3.12: what later ones take from variables or find out.
# shellcheck shell=sh
# CURSES_CFLAGS; and that libedit declares its functions by the types of readline's, not by those of before 2000.
CPPFLAGS="$CPPFLAGS -I/deps/include/ncursesw -D_RL_FUNCTION_TYPEDEF"
# make.sh switches the compilation of .pyc files off by this one.
sed -i 's,/compileall\.py \\$,/compileall.py $(COMPILEALL_OPTS) \\,' Makefile.pre.in
