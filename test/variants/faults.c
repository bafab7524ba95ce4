/* An extension module with a fault in each function, for sanitizers to find. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <limits.h>
#include <pthread.h>

static PyObject *
use_after_free(PyObject *module, PyObject *ignored)
{
    char *block = PyMem_RawMalloc(16);
    block[0] = 1;
    PyMem_RawFree(block);
    return PyLong_FromLong(block[0]);
}

static PyObject *
signed_overflow(PyObject *module, PyObject *number)
{
    int sum = INT_MAX;
    sum += (int)PyLong_AsLong(number);
    return PyLong_FromLong(sum);
}

static PyObject *
past_array(PyObject *module, PyObject *number)
{
    int array[4] = {0};
    volatile long index = PyLong_AsLong(number);
    return PyLong_FromLong(array[index]);
}

static int counter;

static void *
count(void *ignored)
{
    for (int i = 0; i < 10000; i++) {
        counter++;
    }
    return NULL;
}

static PyObject *
data_race(PyObject *module, PyObject *ignored)
{
    pthread_t threads[2];
    for (int i = 0; i < 2; i++) pthread_create(&threads[i], NULL, count, NULL);
    for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
    return PyLong_FromLong(counter);
}

static PyMethodDef methods[] = {
    {"use_after_free", use_after_free, METH_NOARGS, NULL},
    {"signed_overflow", signed_overflow, METH_O, NULL},
    {"past_array", past_array, METH_O, NULL},
    {"data_race", data_race, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};
static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "faults", NULL, 0, methods};
PyMODINIT_FUNC
PyInit_faults(void)
{
    PyObject *module = PyModule_Create(&definition);
#ifdef Py_GIL_DISABLED
    PyUnstable_Module_SetGIL(module, Py_MOD_GIL_NOT_USED);
#endif
    return module;
}
