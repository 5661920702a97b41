"""What the product consists of when it runs. docker-compose.yml runs the same; tests/house/test_compose.py sees to it."""

WEB = ("gunicorn", "leadscore.wsgi:application", "--no-control-socket", "--threads=4", "--graceful-timeout=10")
WORKER = ("celery", "--app=leadscore", "worker", "--loglevel=INFO", "--without-gossip", "--without-mingle")
BEAT = ("celery", "--app=leadscore", "beat", "--loglevel=INFO", "--pidfile=")
SWEEPER = ("python", "manage.py", "sweep")
MIGRATE = ("python", "manage.py", "migrate", "--noinput")
