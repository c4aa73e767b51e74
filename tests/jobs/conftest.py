from hwrisk.jobs import models  # noqa: F401 - its tables
from hwrisk.notices import models as notice_models  # noqa: F401 - its tables
from tests.own_databases import own_database, own_postgres, own_url  # noqa: F401 - fixtures
