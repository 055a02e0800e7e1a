"""SoftEther VPN's server: a foreign responder over UDP that shares no line with us.

It answers L2TPv3 on port 1701 and keeps control connections and sessions up; the frames of a session it takes only inside
IPsec, so that no data crosses. Its packages are unpacked into the cache; installed, it would listen on the whole machine.
"""

import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from . import CACHE
from .debian import unpack
from .waiting import eventually

PACKAGES = ("softether-vpnserver", "softether-common")
PROGRAM = "usr/libexec/softether/vpnserver/vpnserver"
CONFIGURATION = """# Software Configuration File
declare root
{
	declare IPsec
	{
		bool L2TP_Raw true
		bool EtherIP_IPsec true
		string L2TP_DefaultHub DEFAULT
	}
	declare DDnsClient
	{
		bool Disabled true
	}
	declare ListenerList
	{
	}
	declare ServerConfiguration
	{
		bool DisableDeadLockCheck true
		bool DisableNatTraversal true
		bool UseKeepConnect false
		string PortsUDP $
	}
	declare VirtualHUB
	{
		declare DEFAULT
		{
			bool Online true
			uint Type 0
		}
	}
}
"""
# Where it keeps its configuration and its logs is compiled in: these places are its own, gone with it.
OWN_PLACES = (
    "for place in /run /var/lib /var/log; do mount -t tmpfs none $place && mkdir $place/softether || exit 1; done"
)


def ensure(say=print):
    """The server's program in the cache; its packages are fetched first where they are not there."""
    folder = CACHE / "softether"
    CACHE.mkdir(parents=True, exist_ok=True)
    if not (folder / PROGRAM).exists():
        with open(CACHE / "softether.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (folder / PROGRAM).exists():
                say("softether: fetching its packages (about 4 MB, once; they are unpacked, not installed)")
                with tempfile.TemporaryDirectory(dir=CACHE, prefix="fetch.") as work:
                    tree = unpack(PACKAGES, Path(work))
                    shutil.rmtree(folder, ignore_errors=True)
                    tree.rename(folder)
    return folder / PROGRAM


class SoftEther:
    """The server, running in a namespace."""

    def __init__(self, namespace, folder):
        self.namespace = namespace
        configuration = folder / "softether.config"
        configuration.write_text(CONFIGURATION, encoding="utf-8-sig")
        script = f'{OWN_PLACES}; cp "$1" /var/lib/softether/vpn_server.config && exec "$0" execsvc'
        self._process = namespace.start(
            *("sh", "-c", script, ensure(), configuration),
            as_host=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        eventually(self._listens, 60, "SoftEther listens on port 1701")

    def stop(self):
        """Asks it to end, as its operator would; it closes its tunnels first."""
        self._signal(signal.SIGTERM)
        eventually(self._ended, 30, "SoftEther ends")

    def kill(self):
        """Ends it where it still runs."""
        self._signal(signal.SIGKILL)
        eventually(self._ended, 30, "SoftEther is gone")

    def _signal(self, number):
        # The process that we started only watches over the one that serves.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)

    def _ended(self):
        self._process.poll()
        try:
            os.killpg(self._process.pid, 0)
        except ProcessLookupError:
            return True
        return False

    def _listens(self):
        assert self._process.poll() is None, f"SoftEther ended with status {self._process.returncode}"
        return ":1701 " in self.namespace.run("ss", "--listening", "--numeric", "--udp")
