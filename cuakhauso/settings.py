"""Settings, all from the environment; `.env.example` lists what may be given and why.

With nothing given this is a developer's machine: real PostgreSQL and Valkey are started under `VAR_DIR`
by what touches the database, and the secret key is made once and kept there. `check --deploy` refuses that.
"""

from pathlib import Path

import environ
from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from cuakhauso import embedded

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

DEBUG = env.bool("DEBUG", default=False)
DEMO = env.bool("DEMO", default=False)
HTTPS = env.bool("HTTPS", default=not (DEBUG or DEMO))
VAR_DIR = embedded.var_dir()
GENERATED = [name for name in ("SECRET_KEY", "DATABASE_URL", "REDIS_URL") if not env.str(name, default="")]

SECRET_KEY = env.str("SECRET_KEY", default="") or embedded.secret_key()
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

ROOT_URLCONF = "cuakhauso.urls"
WSGI_APPLICATION = "cuakhauso.wsgi.application"
AUTH_USER_MODEL = "accounts.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

OUR_APPS = ["gates", "accounts", "register", "declarations", "checkpoints", "fees", "notices", "anpr"]
INSTALLED_APPS = [
    "cuakhauso",
    *OUR_APPS,
    "rest_framework",
    "drf_spectacular",
    "django_fsm",
    "csp",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "cuakhauso.middleware.SignInAgain",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "cuakhauso.middleware.RefuseNul",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "cuakhauso.templatetags.ui",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "notices.context.unread",
                "cuakhauso.bar.bar",
            ],
        },
    }
]

# PostgreSQL and Redis

DATABASES = {"default": env.db("DATABASE_URL") if env.str("DATABASE_URL", default="") else embedded.database()}
if {"DATABASE_URL", "REDIS_URL"} & set(GENERATED):
    DATABASES["default"]["ENGINE"] = "cuakhauso.embedded"
DATABASES["default"] |= {
    "CONN_MAX_AGE": env.int("CONN_MAX_AGE", default=0),
    "CONN_HEALTH_CHECKS": True,
}
REDIS_URL = env.str("REDIS_URL", default="") or embedded.redis_url()

# Tasks. A message may come twice, late or never: the row is the truth, the sweep queues what is unfinished.


def broker_url(redis_url: str) -> str:
    """The same server as Celery spells it: a Unix socket has another scheme there."""
    return redis_url.replace("unix://", "redis+socket://").replace("?db=", "?virtual_host=")


CELERY_BROKER_URL = broker_url(REDIS_URL)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_connect_timeout": 2, "socket_timeout": 10}
CELERY_TASK_PUBLISH_RETRY_POLICY = {
    "max_retries": 1,
    "interval_start": 0.1,
    "interval_step": 0,
    "interval_max": 0.1,
}
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = {"anpr.tasks.read*": {"queue": "readings"}, "notices.tasks.*": {"queue": "notices"}}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_TIME_LIMIT = 120
CELERY_TASK_SOFT_TIME_LIMIT = 90
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_REDIRECT_STDOUTS = False
CELERY_BEAT_SCHEDULE = {
    "sweep": {"task": "anpr.tasks.sweep", "schedule": 5, "options": {"expires": 5}},
    "notices": {"task": "notices.tasks.sweep", "schedule": 10, "options": {"expires": 10}},
    "fees": {"task": "fees.tasks.sweep", "schedule": 5, "options": {"expires": 5}},
    "gateway": {"task": "fees.tasks.ask_gateway", "schedule": 120, "options": {"expires": 120}},
    "expire": {"task": "checkpoints.tasks.expire", "schedule": 300, "options": {"expires": 300}},
    "overstays": {"task": "checkpoints.tasks.tell_overstays", "schedule": 300, "options": {"expires": 300}},
    "leave unseen": {"task": "checkpoints.tasks.leave_unseen", "schedule": 300, "options": {"expires": 300}},
    "seal": {"task": "checkpoints.tasks.seal", "schedule": crontab(minute=7), "options": {"expires": 3600}},
    "clear frames": {"task": "anpr.tasks.clear_frames", "schedule": crontab(hour=2, minute=40)},
    "papers end": {"task": "notices.tasks.papers_end", "schedule": crontab(hour=6, minute=30)},
    "clear scans": {"task": "register.tasks.clear_scans", "schedule": crontab(hour=2, minute=55)},
    "clear sessions": {"task": "cuakhauso.tasks.clear_sessions", "schedule": crontab(hour=3, minute=10)},
}

# People

LOGIN_URL = "accounts:sign_in"
CSRF_FAILURE_VIEW = "accounts.views.csrf_failure"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"

# Safety of pages

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", default=False) else None
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")

# Payment providers. Without terminal and secret VNPAY is not offered.

VNPAY = {
    "terminal": env.str("VNPAY_TERMINAL", default=""),
    "secret": env.str("VNPAY_SECRET", default=""),
    "pay_url": env.str("VNPAY_PAY_URL", default="https://pay.vnpay.vn/vpcpay.html"),
    "api_url": env.str("VNPAY_API_URL", default="https://merchant.vnpay.vn/merchant_webapi/api/transaction"),
}
# Whose account that is, where a book has two collectors: fee_centre or tax_office. Empty is everybody's.
VNPAY_COLLECTOR = env.str("VNPAY_COLLECTOR", default="")
if VNPAY["terminal"]:
    # Browsers hold the redirect after a form against this, too.
    CONTENT_SECURITY_POLICY["DIRECTIVES"]["form-action"].append("/".join(VNPAY["pay_url"].split("/", 3)[:3]))

# The province's provider of electronic receipts. Without its address receipts stay our own.

RECEIPT_PROVIDER = {
    "url": env.str("RECEIPT_PROVIDER_URL", default=""),
    "token": env.str("RECEIPT_PROVIDER_TOKEN", default=""),
}

# Words, time and money

LANGUAGE_CODE = "vi"
LANGUAGES = [("vi", _("Tiếng Việt")), ("en", "English"), ("zh-hans", "中文")]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["cuakhauso.formats"]
USE_TZ = True
TIME_ZONE = env.str("TZ", default="Asia/Ho_Chi_Minh")

# The gate

# A vehicle seen again in the same lane within this time is still the same passage.
PASSAGE_GAP_SECONDS = env.int("PASSAGE_GAP_SECONDS", default=300)
# What cameras took is deleted after so long, except the evidence of passages and what officers settled.
FRAMES_KEPT_DAYS = env.int("FRAMES_KEPT_DAYS", default=30)
# A declaration none of whose vehicles came within this time after its expected arrival expires.
DECLARATION_VALID_HOURS = env.int("DECLARATION_VALID_HOURS", default=72)
# So often a declarant may extend a declaration by the same time again.
DECLARATION_EXTENSIONS = env.int("DECLARATION_EXTENSIONS", default=1)
# So long after all else was done a vehicle that a yard's failed device should still have seen is taken to have left.
UNSEEN_AFTER_HOURS = env.int("UNSEEN_AFTER_HOURS", default=12)
# Scans of vehicles' and drivers' papers are deleted so long after the paper ran out or was taken out of the register.
PAPER_SCANS_KEPT_DAYS = env.int("PAPER_SCANS_KEPT_DAYS", default=90)
# So long before a paper runs out the firm is told.
PAPER_NOTICE_DAYS = env.int("PAPER_NOTICE_DAYS", default=15)

# The day whose tariff holds for a vehicle: `assessed`, `submitted` (its declaration) or `entered` (the gate area).
TARIFF_DAY = env.str("TARIFF_DAY", default="assessed")

# Files

MEDIA_ROOT = env.path("MEDIA_ROOT", default=str(VAR_DIR / "media"))
MEDIA_ROOT = str(MEDIA_ROOT)
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Without HTTPS this is no deployment: WhiteNoise serves the sources themselves, nothing is collected.
STATIC_ROOT = BASE_DIR / "staticfiles" if HTTPS else None
WHITENOISE_USE_FINDERS = not HTTPS
WHITENOISE_AUTOREFRESH = DEBUG
# With a bucket named, files lie in an S3-compatible storage and not under MEDIA_ROOT.
S3_BUCKET = env.str("S3_BUCKET", default="")
S3_ENDPOINT = env.str("S3_ENDPOINT", default="")
S3_REGION = env.str("S3_REGION", default="")
S3_ACCESS_KEY = env.str("S3_ACCESS_KEY", default="")
S3_SECRET_KEY = env.str("S3_SECRET_KEY", default="")
STORAGES = {
    "default": {
        "BACKEND": "cuakhauso.storage.S3Storage" if S3_BUCKET else "django.core.files.storage.FileSystemStorage"
    },
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if HTTPS
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
FILE_UPLOAD_PERMISSIONS = 0o640
CAMERA_IMAGE_MAX_BYTES = 12 * 1024 * 1024
# Scans of papers and documents of consignments, each.
PAPER_MAX_BYTES = env.int("PAPER_MAX_MB", default=10) * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000
DATA_UPLOAD_MAX_NUMBER_FILES = 20

# E-mail: the console, until a server is named

vars().update(env.email_url("EMAIL_URL", default="consolemail://"))
if DEMO and not env.str("EMAIL_URL", default=""):
    EMAIL_BACKEND = "cuakhauso.mail.EmailBackend"
# Where the links in e-mail lead, without a slash at the end.
SITE_URL = env.str("SITE_URL", default="http://127.0.0.1:8000")
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str("EMAIL_FROM", default="cuakhauso@localhost")
EMAIL_TIMEOUT = 10

# The API

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.LimitOffsetPagination",
    "PAGE_SIZE": 50,
}
SPECTACULAR_SETTINGS = {
    "TITLE": _("Nền tảng cửa khẩu số"),
    "VERSION": "1",
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_INCLUDE_SCHEMA": False,
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {"django.server": {"handlers": ["console"], "propagate": False}},
}
