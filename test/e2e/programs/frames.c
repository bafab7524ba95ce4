/* A module that walks frame pointers, as a sampling profiler does. */
#define _GNU_SOURCE
#include <Python.h>
#include <dlfcn.h>
#include <pthread.h>

struct frame {
  struct frame *caller;
  void *return_address;
};

/* The end of this thread's stack, where its first function began. */
static void *stack_end(void) {
  pthread_attr_t attributes;
  void *lowest = NULL;
  size_t size = 0;
  if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
    pthread_attr_getstack(&attributes, &lowest, &size);
    pthread_attr_destroy(&attributes);
  }
  return (char *)lowest + size;
}

/* The names of the callers, as far as the dynamic symbol table has them; None for others. */
static PyObject *walk(PyObject *module, PyObject *nothing) {
  (void)module, (void)nothing;
  PyObject *names = PyList_New(0);
  struct frame *frame = __builtin_frame_address(0);
  /* What called main() is the C library's, which may have no frame pointers: the last one may point anywhere. */
  struct frame *end = stack_end();
  while (frame != NULL && frame + 1 <= end && PyList_Size(names) < 5000) {
    Dl_info symbol;
    int found = dladdr(frame->return_address, &symbol) && symbol.dli_sname != NULL;
    PyObject *name = Py_BuildValue("z", found ? symbol.dli_sname : NULL);
    PyList_Append(names, name);
    Py_DECREF(name);
    /* Stacks grow downwards: anything else is no frame. */
    frame = frame->caller > frame ? frame->caller : NULL;
  }
  return names;
}

static PyMethodDef methods[] = {{"walk", walk, METH_NOARGS, NULL}, {NULL, NULL, 0, NULL}};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "frames", NULL, 0, methods, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit_frames(void) { return PyModuleDef_Init(&definition); }
