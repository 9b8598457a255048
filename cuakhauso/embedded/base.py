"""Django's PostgreSQL backend, which starts the embedded servers before a process's first connection."""

from django.db.backends.postgresql import base

from cuakhauso import embedded


class DatabaseWrapper(base.DatabaseWrapper):
    _ready = False

    def get_new_connection(self, conn_params):
        if not DatabaseWrapper._ready:
            embedded.start()
            DatabaseWrapper._ready = True
        return super().get_new_connection(conn_params)
