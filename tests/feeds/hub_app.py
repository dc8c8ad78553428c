# mypy: ignore-errors
# Neither library ships types.
"""A WebSub hub that nobody here wrote, Flask-WebSub, as two processes: ``serve FOLDER`` and ``work FOLDER``.

Each says so in one line when it is ready. Below ``/sha1`` to ``/sha512`` there is a hub that signs so, and one below
``/denies`` that denies everything. They keep what they know in FOLDER and hand tasks over through it.
"""

import sys
from pathlib import Path

from celery import Celery
from celery.signals import worker_ready
from flask import Flask
from flask_websub.hub import Hub, SQLite3HubStorage
from werkzeug.serving import make_server

METHODS = ("sha1", "sha256", "sha384", "sha512")


def main(role: str, folder: Path) -> None:
    """Do the one or the other until killed."""
    queue = Celery("hub", broker="filesystem://")
    queue.conf.update(
        broker_transport_options={
            "data_folder_in": str(folder / "queue"),
            "data_folder_out": str(folder / "queue"),
            "control_folder": str(folder / "control"),
            "polling_interval": 0.02,
        },
        worker_redirect_stdouts=False,
    )
    app = Flask(__name__)
    app.config["PUBLISH_SUPPORTED"] = True
    for name in (*METHODS, "denies"):
        hub = Hub(SQLite3HubStorage(str(folder / f"{name}.db")), queue, SIGNATURE_ALGORITHM=name)
        if name == "denies":
            hub.register_validator(lambda *_: "this hub denies everything")
        app.register_blueprint(hub.build_blueprint(url_prefix=f"/{name}"))
    if role == "work":
        worker_ready.connect(lambda **_: print("ready", flush=True), weak=False)
        queue.worker_main(
            ["--quiet", "worker", "--pool=solo", "--without-gossip", "--without-mingle", "--without-heartbeat"]
        )
    else:
        server = make_server("127.0.0.1", 0, app, threaded=True)
        print(server.server_port, flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
