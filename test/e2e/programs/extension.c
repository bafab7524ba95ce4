/* An extension module with one function and one type of data from the C API that a build can get wrong: strings. */
#include <Python.h>

static PyObject *greet(PyObject *module, PyObject *argument) {
  (void)module;
  return PyUnicode_FromFormat("hello %U", argument);
}

static PyMethodDef methods[] = {{"greet", greet, METH_O, NULL}, {NULL, NULL, 0, NULL}};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "sample", NULL, 0, methods, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit_sample(void) { return PyModuleDef_Init(&definition); }
