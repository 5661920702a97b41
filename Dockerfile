FROM python:3.11-slim-bookworm AS packages
COPY requirements.txt /
RUN python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes --requirement /requirements.txt

FROM python:3.11-slim-bookworm
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1
RUN useradd --uid 10001 --no-create-home --home-dir /app leadscore
WORKDIR /app
COPY --from=packages /venv /venv
COPY . .
# Only var/ is the program's to write; the key is thrown away with this step. A volume over var/columns takes its owner.
RUN SECRET_KEY=for-this-step-only python manage.py collectstatic --noinput \
    && python -m compileall -q . \
    && mkdir -m 0700 var/columns \
    && chown -R leadscore: var
USER leadscore
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=6s --start-period=30s CMD ["python", "bin/healthy"]
CMD ["gunicorn", "leadscore.wsgi:application", "--no-control-socket", "--threads=4", "--graceful-timeout=10", "--workers=2", "--bind=0.0.0.0:8000"]
