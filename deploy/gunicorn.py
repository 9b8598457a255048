"""gunicorn for pages and API; live events are uvicorn's (see docker-compose.yml)."""

import multiprocessing
import os

bind = "0.0.0.0:8000"
workers = int(os.environ.get("WEB_CONCURRENCY", multiprocessing.cpu_count() + 1))
worker_tmp_dir = "/dev/shm"
threads = 4
preload_app = True
timeout = 60
max_requests = 5000
max_requests_jitter = 500
forwarded_allow_ips = "*"
control_socket_disable = True
