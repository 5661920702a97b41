"""All settings in one file. Everything read from the environment stands in .env.example."""

from pathlib import Path
from typing import Any

import environ
import structlog
from csp.constants import NONCE, NONE, SELF
from django.core.management.utils import get_random_secret_key
from django.utils.translation import gettext_lazy as _

from leadscore.look import UNFOLD as UNFOLD

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"

env = environ.Env()
# The environment wins over .env, and .env over what a running `make demo`, or one with EMPTY=1, wrote.
env.read_env(BASE_DIR / ".env")
env.read_env(VAR_DIR / "demo.env")
env.read_env(VAR_DIR / "empty" / "demo.env")

DEBUG = env.bool("DEBUG", default=False)
# Without one every process makes its own and sign-ins end with it: `check --deploy` refuses that (leadscore.E001).
SECRET_KEY = env.str("SECRET_KEY", default="") or get_random_secret_key()
HAS_SECRET_KEY = bool(env.str("SECRET_KEY", default=""))
# The key under which erased people leave a tombstone; kept outside the database.
TOMBSTONE_KEY = env.str("TOMBSTONE_KEY", default="") or SECRET_KEY
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
HTTPS_ONLY = env.bool("HTTPS_ONLY", default=False)
DEMO = env.bool("DEMO", default=False)
STATIC_FROM_SOURCES = env.bool("STATIC_FROM_SOURCES", default=DEBUG or DEMO)

INSTALLED_APPS = [
    "leadscore",
    "insights",
    "handoff",
    "scoring",
    "crm",
    "accounts",
    "kernel",
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "template_partials",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "csp",
    "django_celery_beat",
    "django_structlog",
    "django_prometheus",
    "import_export",
]

MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "leadscore.middleware.AdminPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.SecondFactorMiddleware",
    "leadscore.middleware.TimeZoneMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "leadscore.middleware.RefusalMiddleware",
    "leadscore.middleware.RequestLogMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

ROOT_URLCONF = "leadscore.urls"
WSGI_APPLICATION = "leadscore.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
            ],
            "builtins": ["kernel.templatetags.ui", "template_partials.templatetags.partials"],
        },
    }
]

# Where DATABASE_URL is unset the launcher (leadscore.embedded) starts a PostgreSQL of our own and sets it.
DATABASES: dict[str, dict[str, Any]] = {
    "default": env.db_url("DATABASE_URL", default="postgres://leadscore@127.0.0.1:5432/leadscore")
}
DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=60)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 5)

REDIS_URL = env.str("REDIS_URL", default="")
REDIS_OPTIONS = {"socket_timeout": 1.0, "socket_connect_timeout": 1.0}
CACHES: dict[str, dict[str, Any]] = {
    # Sign-in limits and idempotency must survive a flush of Redis: the default cache is a table.
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache_entries"},
}
if REDIS_URL:
    CACHES["redis"] = {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": REDIS_OPTIONS,
    }
SESSION_ENGINE = "django.contrib.sessions.backends.db"

# The bell. A frozen or absent broker must never hang a request, so nothing retries here: the sweeper repairs.
CELERY_TIMEZONE = "UTC"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_TASK_PUBLISH_RETRY = False
# The second bell, in seconds; whoever hears none of its rings for a while finds the work at the next.
CELERY_BEAT_SCHEDULE = {
    "wake": {"task": "scoring.tasks.wake", "schedule": 30.0, "options": {"expires": 25}},
    "shadows": {"task": "scoring.tasks.judge_shadows", "schedule": 300.0, "options": {"expires": 290}},
    "baselines": {"task": "insights.tasks.take_baselines", "schedule": 300.0, "options": {"expires": 290}},
    "qualify": {"task": "handoff.tasks.qualify", "schedule": 30.0, "options": {"expires": 25}},
    "publish planned": {"task": "scoring.tasks.publish_planned", "schedule": 30.0, "options": {"expires": 25}},
    "imports": {"task": "crm.tasks.run_imports", "schedule": 30.0, "options": {"expires": 25}},
    "forget imports": {"task": "crm.tasks.forget_imports", "schedule": 86_400.0},
    "find duplicates": {"task": "crm.tasks.find_duplicates", "schedule": 300.0, "options": {"expires": 290}},
    "look for machines": {"task": "crm.tasks.look_for_machines", "schedule": 300.0, "options": {"expires": 290}},
    "forget visitors": {"task": "crm.tasks.forget_visitors", "schedule": 86_400.0},
    "send notifications": {
        "task": "accounts.tasks.send_notifications",
        "schedule": 60.0,
        "options": {"expires": 55},
    },
    "columns": {"task": "scoring.tasks.keep_columns", "schedule": 300.0, "options": {"expires": 290}},
    "forget answers": {"task": "accounts.tasks.forget_answers", "schedule": 86_400.0},
}
if REDIS_URL:
    CELERY_BROKER_URL = REDIS_URL
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {**REDIS_OPTIONS, "max_retries": 0, "visibility_timeout": 300}
else:
    CELERY_BROKER_URL = "filesystem://"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(VAR_DIR / "broker" / "messages"),
        "data_folder_out": str(VAR_DIR / "broker" / "messages"),
        "control_folder": str(VAR_DIR / "broker" / "control"),
        "polling_interval": 0.1,
    }
    for folder in ("messages", "control"):
        (VAR_DIR / "broker" / folder).mkdir(parents=True, exist_ok=True)

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_RATE_LIMITS = {"login_failed": "10/15m/key,30/15m/ip"}
ACCOUNT_SESSION_REMEMBER = True
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_ADAPTER = "accounts.adapter.SecondFactorAdapter"
# Clocks of phones are a little off: the code before and the one after are taken too, each once.
MFA_TOTP_TOLERANCE = 1
# Administrators, and who signs, go no further without a second factor.
MFA_REQUIRED = env.bool("MFA_REQUIRED", default=not DEMO)
EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="leadscore@localhost")
EMAIL_TIMEOUT = 10
# Where links in mails begin; mails are sent by workers, which are asked under no name.
PUBLIC_URL = env.str(
    "PUBLIC_URL",
    default=f"{'https' if HTTPS_ONLY else 'http'}://{next((h for h in ALLOWED_HOSTS if '*' not in h), 'localhost')}",
).rstrip("/")

LANGUAGE_CODE = "en"
# A language is offered once it is translated whole: `python -m tools.messages --add pl` begins one.
LANGUAGES = [("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["leadscore.formats"]
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
# The column file of scoring: a cache of facts for judging in bulk. It holds personal data, so it is of this user alone.
COLUMNS_DIR = Path(env("COLUMNS_DIR", default="") or VAR_DIR / "columns")
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if STATIC_FROM_SOURCES
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = STATIC_FROM_SOURCES
# Made by collectstatic; WhiteNoise asks for it at every start.
STATIC_ROOT.mkdir(parents=True, exist_ok=True)

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS_ONLY
SECURE_SSL_REDIRECT = HTTPS_ONLY
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS_ONLY else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS_ONLY
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS_ONLY else None
SECURE_REDIRECT_EXEMPT = [r"^health/"]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024
# The largest file that may be imported; it waits in the database until it is.
IMPORT_MAX_BYTES = env.int("IMPORT_MAX_BYTES", default=512 * 1024 * 1024)
# The one that ends what is too large stands before those that keep.
FILE_UPLOAD_HANDLERS = [
    "leadscore.uploads.BoundedUploadHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

# One key may call this often in a minute; above it, 429.
API_CALLS_PER_MINUTE = env.int("API_CALLS_PER_MINUTE", default=6000)

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.api.authentication.KeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["accounts.api.permissions.HasScope"],
    "DEFAULT_THROTTLE_CLASSES": ["accounts.api.throttle.KeyThrottle"],
    "DEFAULT_PARSER_CLASSES": ["accounts.api.parsing.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "accounts.api.schema.KeySchema",
    "EXCEPTION_HANDLER": "kernel.api.problem_handler",
    "URL_FORMAT_OVERRIDE": None,
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Lead scoring API",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": [],
    "SERVE_AUTHENTICATION": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1/",
}

structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.filter_by_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.format_exc_info,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {"()": structlog.stdlib.ProcessorFormatter, "processor": structlog.processors.JSONRenderer()},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {"django.server": {"handlers": ["console"], "level": LOG_LEVEL, "propagate": False}},
}
