/* A program that embeds Python and runs the text that it is given. */
#include <Python.h>

int main(int argc, char **argv) {
  int result;
  if (argc != 2) return 2;
  Py_InitializeEx(0);
  result = PyRun_SimpleString(argv[1]);
  return Py_FinalizeEx() < 0 || result != 0;
}
