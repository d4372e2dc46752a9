/*
 * py_weather: the inner loop of weather_sim.py, compiled on Alice's machine and
 * present nowhere else.
 */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>

/* A small generator of our own, so that every machine draws the same numbers. */
static double
noise(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return (double)(*state >> 11) / 9007199254740992.0 - 0.5;
}

/*
 * step(mean, inertia, spread, seed, days) -> list of float: one temperature for
 * each day; mean holds 12 monthly means.
 */
static PyObject *
weather_step(PyObject *self, PyObject *args)
{
	PyObject *mean, *out;
	double inertia, spread, month[12], t;
	unsigned long long seed;
	int days;

	if (!PyArg_ParseTuple(args, "O!ddKi", &PyList_Type, &mean, &inertia, &spread,
			      &seed, &days))
		return NULL;
	if (PyList_Size(mean) != 12 || days < 1 || seed == 0)
		return PyErr_Format(PyExc_ValueError, "need 12 means, days and a seed");
	for (int i = 0; i < 12; i++) {
		month[i] = PyFloat_AsDouble(PyList_GetItem(mean, i));
		if (PyErr_Occurred())
			return NULL;
	}
	out = PyList_New(days);
	t = month[0];
	for (int d = 0; out && d < days; d++) {
		double aim = month[d * 12 / 365 % 12];

		t += (1.0 - inertia) * (aim - t) + spread * noise((uint64_t *)&seed);
		PyList_SetItem(out, d, PyFloat_FromDouble(t));
	}
	return out;
}

static PyMethodDef methods[] = {
	{"step", weather_step, METH_VARARGS, "simulate the temperatures of days"},
	{NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {
	PyModuleDef_HEAD_INIT, "py_weather", NULL, -1, methods, NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC
PyInit_py_weather(void)
{
	return PyModule_Create(&module);
}
