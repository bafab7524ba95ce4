/*
 * A loadable extension of SQLite with the function half(x). It declares the few parts of sqlite3ext.h that it uses, at
 * the offsets that SQLite promises to keep, so that the machine needs no headers of SQLite.
 */
#include <stddef.h>

typedef struct sqlite3 sqlite3;
typedef struct sqlite3_context sqlite3_context;
typedef struct sqlite3_value sqlite3_value;
typedef void (*routine)(void);

/* Positions in struct sqlite3_api_routines, counted in pointers. */
enum { CREATE_FUNCTION = 45, RESULT_INT = 82, VALUE_INT = 106 };

static routine const *api;

static void half(sqlite3_context *context, int count, sqlite3_value **values) {
  int (*value_int)(sqlite3_value *) = (int (*)(sqlite3_value *))api[VALUE_INT];
  void (*result_int)(sqlite3_context *, int) = (void (*)(sqlite3_context *, int))api[RESULT_INT];
  (void)count;
  result_int(context, value_int(values[0]) / 2);
}

int sqlite3_extension_init(sqlite3 *database, char **message, routine const *routines) {
  int (*create)(sqlite3 *, const char *, int, int, void *,
                void (*)(sqlite3_context *, int, sqlite3_value **), routine, routine);
  (void)message;
  api = routines;
  create = (int (*)(sqlite3 *, const char *, int, int, void *,
                    void (*)(sqlite3_context *, int, sqlite3_value **), routine, routine))
      api[CREATE_FUNCTION];
  return create(database, "half", 1, 1, NULL, half, NULL, NULL);
}
