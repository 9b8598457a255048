# The platform for production. One image; docker-compose.yml says which program of it runs where.
FROM python:3.11-slim-bookworm AS packages
COPY requirements.txt /
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --require-hashes -r /requirements.txt

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /srv/cuakhauso cuakhauso \
    && install -d -o cuakhauso -g cuakhauso /srv/cuakhauso/media
COPY --from=packages /venv /venv
WORKDIR /app
COPY . .
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 VAR_DIR=/srv/cuakhauso \
    MEDIA_ROOT=/srv/cuakhauso/media BEHIND_PROXY=on
RUN SECRET_KEY=build DATABASE_URL=postgresql:/// REDIS_URL=redis:/// \
    sh -c 'python manage.py compile_catalogues && python manage.py collectstatic --noinput'
USER cuakhauso
VOLUME /srv/cuakhauso/media
EXPOSE 8000
CMD ["gunicorn", "--config", "deploy/gunicorn.py", "cuakhauso.wsgi"]
