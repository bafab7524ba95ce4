/* A program that opens the library named by its first argument, goes to the folder named by the second, and runs the
   text of the third. */
#include <dlfcn.h>
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv) {
  void *library;
  void (*initialize)(int);
  int (*run)(const char *, void *);
  int (*finalize)(void);
  if (argc != 4) return 2;
  library = dlopen(argv[1], RTLD_NOW | RTLD_GLOBAL);
  if (library == NULL) {
    fprintf(stderr, "%s\n", dlerror());
    return 1;
  }
  initialize = (void (*)(int))dlsym(library, "Py_InitializeEx");
  run = (int (*)(const char *, void *))dlsym(library, "PyRun_SimpleStringFlags");
  finalize = (int (*)(void))dlsym(library, "Py_FinalizeEx");
  if (chdir(argv[2]) != 0) return 1;
  initialize(0);
  return run(argv[3], NULL) != 0 || finalize() < 0;
}
