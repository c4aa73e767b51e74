from tests.own_databases import own_database, own_postgres, own_url  # noqa: F401 - fixtures
