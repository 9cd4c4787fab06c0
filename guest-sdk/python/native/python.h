/* The functions of Python's stable ABI (PEP 384) that are used here, as its documentation has them. Its own headers
 * are those of one platform, and not this one's. */

#ifndef KATYDID_PYTHON_H
#define KATYDID_PYTHON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct PyObject PyObject;
typedef struct PyTypeObject PyTypeObject;
/* As wide as a pointer. */
typedef ptrdiff_t Py_ssize_t;

extern PyTypeObject PyBytes_Type, PyDict_Type, PyFloat_Type, PyList_Type, PyLong_Type, PyTuple_Type, PyUnicode_Type;
extern PyObject _Py_FalseStruct, _Py_NoneStruct, _Py_TrueStruct;
#define Py_False (&_Py_FalseStruct)
#define Py_None (&_Py_NoneStruct)
#define Py_True (&_Py_TrueStruct)

PyTypeObject *Py_TYPE(PyObject *object);
void Py_IncRef(PyObject *object);
void Py_DecRef(PyObject *object);

PyObject *PyBool_FromLong(long value);
PyObject *PyLong_FromLong(long value);
PyObject *PyLong_FromLongLong(long long value);
PyObject *PyLong_FromUnsignedLong(unsigned long value);
PyObject *PyLong_FromUnsignedLongLong(unsigned long long value);
long long PyLong_AsLongLongAndOverflow(PyObject *value, int *overflow);
unsigned long PyLong_AsUnsignedLong(PyObject *value);
unsigned long long PyLong_AsUnsignedLongLong(PyObject *value);
PyObject *PyFloat_FromDouble(double value);
double PyFloat_AsDouble(PyObject *value);
const char *PyUnicode_AsUTF8AndSize(PyObject *text, Py_ssize_t *size);
PyObject *PyUnicode_FromStringAndSize(const char *text, Py_ssize_t size);
PyObject *PyUnicode_InternFromString(const char *text);
PyObject *PyBytes_FromStringAndSize(const char *bytes, Py_ssize_t size);
int PyBytes_AsStringAndSize(PyObject *bytes, char **at, Py_ssize_t *size);
PyObject *PyList_New(Py_ssize_t size);
Py_ssize_t PyList_Size(PyObject *list);
PyObject *PyList_GetItem(PyObject *list, Py_ssize_t index);
int PyList_SetItem(PyObject *list, Py_ssize_t index, PyObject *item);
PyObject *PyTuple_New(Py_ssize_t size);
Py_ssize_t PyTuple_Size(PyObject *tuple);
PyObject *PyTuple_GetItem(PyObject *tuple, Py_ssize_t index);
int PyTuple_SetItem(PyObject *tuple, Py_ssize_t index, PyObject *item);
PyObject *PyDict_New(void);
Py_ssize_t PyDict_Size(PyObject *dict);
int PyDict_SetItem(PyObject *dict, PyObject *key, PyObject *value);
int PyDict_Next(PyObject *dict, Py_ssize_t *at, PyObject **key, PyObject **value);
int PyObject_IsTrue(PyObject *object);
PyObject *PyObject_GetAttrString(PyObject *object, const char *name);
PyObject *PyObject_Vectorcall(PyObject *callable, PyObject *const *arguments, size_t count, PyObject *names);
PyObject *PyObject_VectorcallMethod(PyObject *name, PyObject *const *arguments, size_t count, PyObject *names);

extern PyObject *PyExc_LookupError, *PyExc_RuntimeError, *PyExc_TypeError, *PyExc_ValueError;
PyObject *PyErr_Occurred(void);
void PyErr_Clear(void);
PyObject *PyErr_Format(PyObject *kind, const char *format, ...);
PyObject *PyErr_GetRaisedException(void);
void PyErr_SetObject(PyObject *kind, PyObject *value);

int PyGILState_Ensure(void);

typedef PyObject *(*PyCFunction)(PyObject *module, PyObject *const *arguments, Py_ssize_t count);
enum { METH_FASTCALL = 0x80 };
typedef struct PyMethodDef {
    const char *name;
    PyCFunction function;
    int flags;
    const char *doc;
} PyMethodDef;

/* What a module is made of that has functions and nothing else. */
typedef struct PyModuleDef {
    Py_ssize_t references;
    PyTypeObject *type;
    PyObject *(*make)(void);
    Py_ssize_t index;
    PyObject *copy;
    const char *name;
    const char *doc;
    Py_ssize_t size;
    PyMethodDef *methods;
    void *slots, *traverse, *clear, *free;
} PyModuleDef;
enum { PYTHON_ABI_VERSION = 3 };
PyObject *PyModule_Create2(PyModuleDef *definition, int version);

#endif
