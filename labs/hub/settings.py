"""Settings of the hub, from the variables of its container.

HUB_DATA: folder of everything that must not be lost, `/data` by default.
HUB_HOSTS: names by which clients may call the hub, separated by spaces.
HUB_ENGINE: address of the engine that builds, `tcp://node1:2376`; without it nothing is built.
HUB_BUILD_BYTES: bytes of that engine's disk that one build may take, 2 GB by default.
HUB_NETWORK: network to which webhooks are sent, `172.18.0.0/24`; without it none are.
HUB_NO_WEBHOOKS: more addresses in it to which none are sent, separated by spaces: the gateway's.
"""

from __future__ import annotations

import ipaddress
import os
from pathlib import Path

from labs.hub.own_addresses import own_addresses
from labs.hub.signing_key import secret_of

DATA = Path(os.environ.get("HUB_DATA", "/data"))
DATA.mkdir(parents=True, exist_ok=True)

HOSTS = os.environ.get("HUB_HOSTS", "hub.lab").split()
ALLOWED_HOSTS = [*HOSTS, "127.0.0.1", "localhost"]
ISSUER, SERVICE = "hub", "registry"
REGISTRY = os.environ.get("HUB_REGISTRY", "http://127.0.0.1:5000")
# Where a hook reaches the hub: inside its own container.
SELF = os.environ.get("HUB_SELF", "http://127.0.0.1:8001")
ENGINE = os.environ.get("HUB_ENGINE", "")
NETWORK = ipaddress.ip_network(os.environ["HUB_NETWORK"]) if "HUB_NETWORK" in os.environ else None
# The hub's own addresses too: behind its name are the pages and the registry.
NO_WEBHOOKS = own_addresses() | {
    ipaddress.ip_address(each) for each in os.environ.get("HUB_NO_WEBHOOKS", "").split()
}
# Of the disk of the machine that builds, for one build.
BUILD_BYTES = int(os.environ.get("HUB_BUILD_BYTES", 2_000_000_000))
ENGINE_CERTIFICATES = Path(os.environ.get("HUB_ENGINE_CERTIFICATES", "/certs"))
# Files that are only on their way: on the disk, since memory is limited. The container empties it at its start.
DRAFTS = DATA / "drafts"
DRAFTS.mkdir(exist_ok=True)
GIT_FOLDER = DATA / "git"
# A token of 300 s: as Docker Hub's. A shorter one ends during long uploads.
TOKEN_S = 300

# Made once and kept beside the database: sessions survive a new container.
SECRET_KEY = secret_of(DATA / "session.key")
DEBUG = False
ROOT_URLCONF = "labs.hub.urls"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "labs.hub.app.HubApp",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "labs.hub.pages.page_policy.content_policy",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).parent / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "labs.hub.rights.viewer.hub_name",
            ]
        },
    }
]
DATABASES = {
    "default": {
        "ENGINE": "labs.hub.sqlite_wal",
        "NAME": DATA / "hub.sqlite3",
        "OPTIONS": {"timeout": 20},
    }
}
AUTH_USER_MODEL = "hub.Account"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
]
LOGIN_URL = "/login"
LOGIN_REDIRECT_URL = LOGOUT_REDIRECT_URL = "/"
# Seen at http://127.0.0.1:<port> by the student's browser, where a cookie that wants TLS would never be sent.
# Of this hub: a browser sends a cookie of 127.0.0.1 to all of its ports.
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "hub_session", "hub_csrf"
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in HOSTS]
# Set by the proxy in the same container, whatever a client sends.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
TIME_ZONE, USE_TZ, USE_I18N = "UTC", True, False
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 << 20
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "loggers": {"hub": {"handlers": ["console"], "level": "INFO"}},
}
