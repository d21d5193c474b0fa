"""A JupyterLab of this very Python on a free loopback port, in folders of its own, that reaches out to nobody."""

import contextlib
import json
import os
import secrets
import shutil
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import nbformat
import psutil
from nbformat.sign import NotebookNotary

import ctnb

CHECKOUT = Path(ctnb.__file__).parents[1]
LONGEST_WAIT = 90
"""Seconds that the server may take to answer."""

SERVER = {
    "ServerApp": {
        "ip": "127.0.0.1",
        "port": 0,
        "open_browser": False,
        "terminals_enabled": False,
        "jpserver_extensions": {"jupyterlab": True, "jupyter_lsp": False, "voila.server_extension": False},
    },
    # The three that would ask the internet: news, a newer version, a list of extensions.
    "LabApp": {
        "news_url": None,
        "check_for_updates_class": "jupyterlab.handlers.announcements.NeverCheckForUpdate",
        "extension_manager": "readonly",
    },
}
PAGE = {"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}
SETTINGS = {
    # Cells out of sight stay in the page, and nothing is saved behind a test's back.
    "notebook-extension/tracker": {"windowingMode": "none", "autoStartDefaultKernel": True},
    "docmanager-extension/plugin": {"autosave": False},
    "apputils-extension/notification": {"checkForUpdates": False, "doNotDisturbMode": True, "fetchNews": "false"},
}
OURS = ("CALLTOUCH_", "CTNB_", "JUPYTER", "IPYTHON")
"""What the names of the variables begin with that a notebook of a test must not inherit."""


class LabServer:
    """JupyterLab as a process; its folders are below ``home``, which is also where the notebooks are.

    Parameters
    ----------
    home : path
        An empty folder.

    Attributes
    ----------
    url : str
        Where it listens, with a slash at the end, once it is entered.
    token : str
        Lets a browser in.
    """

    def __init__(self, home):
        self.home, self.token = Path(home), secrets.token_hex(16)
        self.notebooks = self.home / "notebooks"

    def __enter__(self):
        self._write_settings()
        command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={self.notebooks}"]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            command.append("--allow-root")
        with (self.home / "server.log").open("wb") as log:
            self._process = subprocess.Popen(
                command, env=self._environment(), cwd=self.notebooks, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        try:
            self._wait_for_answer()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        """End the server and every process below it: kernels, and what they started."""
        with contextlib.suppress(psutil.NoSuchProcess):
            family = [*psutil.Process(self._process.pid).children(recursive=True)]
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=15)
            for process in family:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()
            psutil.wait_procs(family, timeout=10)
        self._process.kill()
        self._process.wait()

    def put(self, notebook, name):
        """Put a notebook where the server finds it, without its outputs; return the address to open."""
        bare = nbformat.from_dict(notebook)
        for cell in bare.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
        return self.put_saved(bare, name, trusted=False)

    def put_saved(self, notebook, name, *, trusted):
        """Put a notebook where the server finds it, as it was saved; return the address to open."""
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
        nbformat.write(notebook, self.notebooks / name)
        if trusted:
            notary = NotebookNotary(data_dir=str(self.home / "jupyter"))
            notary.sign(notebook)
            notary.store.close()
        return f"{self.url}doc/tree/{name}?token={self.token}"

    def choose_theme(self, *, dark):
        """Choose the theme of the pages that are opened from now on."""
        theme = "JupyterLab Dark" if dark else "JupyterLab Light"
        self._write_plugin_settings("apputils-extension/themes", {"theme": theme})

    def end_kernels(self):
        """End what the notebooks run in."""
        for session in json.loads(self._asked("api/sessions")):
            self._asked(f"api/sessions/{session['id']}", method="DELETE")

    def _asked(self, path, method="GET"):
        headers = {"Authorization": f"token {self.token}"}
        request = urllib.request.Request(f"{self.url}{path}", headers=headers, method=method)
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=LONGEST_WAIT) as answer:
            return answer.read()

    def _environment(self):
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        paths = [str(CHECKOUT), *filter(None, [os.environ.get("PYTHONPATH")])]
        folders = {
            "HOME": self.home,
            "USERPROFILE": self.home,
            "XDG_DATA_HOME": self.home / "data",
            "IPYTHONDIR": self.home / "ipython",
            "JUPYTER_CONFIG_DIR": self.home / "config",
            "JUPYTER_DATA_DIR": self.home / "jupyter",
            "JUPYTER_RUNTIME_DIR": self.home / "runtime",
            "JUPYTERLAB_SETTINGS_DIR": self.home / "settings",
            "JUPYTERLAB_WORKSPACES_DIR": self.home / "workspaces",
        }
        own = {"JUPYTER_TOKEN": self.token, "PYTHONPATH": os.pathsep.join(paths)}
        return inherited | {name: str(folder) for name, folder in folders.items()} | own

    def _write_settings(self):
        self.notebooks.mkdir(parents=True)
        write_json(self.home / "config" / "jupyter_server_config.json", SERVER)
        write_json(self.home / "config" / "labconfig" / "page_config.json", PAGE)
        for plugin, settings in SETTINGS.items():
            self._write_plugin_settings(plugin, settings)

    def _write_plugin_settings(self, plugin, settings):
        package, _, name = plugin.partition("/")
        write_json(self.home / "settings" / "@jupyterlab" / package / f"{name}.jupyterlab-settings", settings)

    def _wait_for_answer(self):
        deadline = time.monotonic() + LONGEST_WAIT
        while time.monotonic() < deadline and self._process.poll() is None:
            for settings in (self.home / "runtime").glob("jpserver-*.json"):
                with contextlib.suppress(OSError, ValueError):
                    self.url = json.loads(settings.read_text(encoding="utf-8"))["url"]
                    self._asked("api/status")
                    return
            time.sleep(0.1)
        log = (self.home / "server.log").read_text(encoding="utf-8", errors="replace")
        raise RuntimeError(f"JupyterLab does not answer. Its log:\n{log}")


def write_json(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value), encoding="utf-8")


def find_chromium():
    """Return the path of a Chromium on this machine, or None."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
    return next(filter(None, map(shutil.which, names)), None)
