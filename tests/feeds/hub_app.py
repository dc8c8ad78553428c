# mypy: ignore-errors
# Neither library ships types.
"""A WebSub hub that nobody here wrote, Flask-WebSub, with its Celery worker: ``hub_app.py FOLDER`` until killed.

Below ``/sha1`` to ``/sha512`` there is a hub that signs so, and below ``/denies`` one that denies everything; they keep
what they know in FOLDER. Server and worker share one process and hand tasks over in memory: Celery's queue of files
now and then reads a task that is not yet written, and loses it. The first line of output is the server's port.
"""

import sys
import threading
from pathlib import Path

from celery import Celery
from celery.signals import worker_ready
from flask import Flask
from flask_websub.hub import Hub, SQLite3HubStorage
from werkzeug.serving import make_server

METHODS = ("sha1", "sha256", "sha384", "sha512")


def main(folder: Path) -> None:
    """Serve and work."""
    queue = Celery("hub", broker="memory://")
    queue.conf.update(broker_transport_options={"polling_interval": 0.02}, worker_redirect_stdouts=False)
    app = Flask(__name__)
    app.config["PUBLISH_SUPPORTED"] = True
    for name in (*METHODS, "denies"):
        hub = Hub(SQLite3HubStorage(str(folder / f"{name}.db")), queue, SIGNATURE_ALGORITHM=name)
        if name == "denies":
            hub.register_validator(lambda *_: "this hub denies everything")
        app.register_blueprint(hub.build_blueprint(url_prefix=f"/{name}"))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    worker_ready.connect(lambda **_: print(server.server_port, flush=True), weak=False)
    alone = ("--pool=solo", "--without-gossip", "--without-mingle", "--without-heartbeat")
    queue.worker_main(["--quiet", "worker", *alone])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
