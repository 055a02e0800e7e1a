"""One command in one throw-away machine: QEMU without hardware help, a stock kernel, the host's root below an overlay.

Standard output, standard error and the exit status travel on virtio-serial ports of their own, so that a scenario sees
the same as if it had run its command here. The kernel's console goes to a file, whose end is shown when the machine dies
or runs out of time. QEMU is killed by the kernel when this process dies.
"""

import contextlib
import ctypes
import os
import selectors
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import termios
import time
import tty
from dataclasses import dataclass, field
from pathlib import Path

from . import CHECKOUT, console as consoles, initramfs, outside

STATUS_TIMEOUT = 124
STATUS_DIED = 125
CONSOLE_TAIL_LINES = 150
LAST_SECONDS = 10  # For a QEMU that has closed its ports to end.
READ_SIZE_OCTETS = 65536
SHADOWED = ("/tmp", "/run", "/var/run", "/dev")  # The machine has its own of these.
KERNEL_ARGUMENTS = (
    # `no_timer_check`, `cryptomgr.notests` and `mitigations=off` are half of the time from start to command. With
    # `norandmaps` a program that starts again has the same addresses, whose code the emulator has translated already:
    # half of the time of a start. The emulator gives all processors one TSC (`tsc=reliable`); left to measure that, the
    # kernel finds that they differ, and each look at the clock becomes a question to an emulated HPET.
    "console=ttyS0 quiet loglevel=4 panic=-1 reboot=t mitigations=off nokaslr norandmaps no_timer_check tsc=reliable "
    "cryptomgr.notests random.trust_cpu=on audit=0 net.ifnames=0 "
    # A kernel that is locked up would hang until the time is over; so it dies, and its console says where it was. By
    # default it takes itself for locked up after 20 seconds without a change of task; emulated, it may only be slow.
    "watchdog_thresh=60 softlockup_panic=1 softlockup_all_cpu_backtrace=1 "
    # Where a processor stands still, the report of the others on that resets the watch for a lockup each time: they die
    # for it, and show where all processors are (64).
    "sysctl.kernel.panic_on_rcu_stall=1 rcupdate.rcu_cpu_stall_timeout=60 panic_print=64"
)
# As little as the distribution's programs need. The features that `max` has besides (AVX and its state, which is saved
# at each change of task, among them) are expensive to emulate: a seventh of the processor time of the scenarios.
PROCESSOR = "qemu64"
# The console must be the first.
PORT_NUMBERS = {name: number for number, name in enumerate(("terminal", "output", "error", "status", *outside.PORTS))}
PR_SET_PDEATHSIG = 1


@dataclass
class Run:
    """A command, and the machine that it runs in."""

    command: list  # One item: a line for the shell. Several: a program and its arguments.
    folder: Path = field(default_factory=Path.cwd)
    environment: dict = field(default_factory=dict)
    writable: list = field(default_factory=list)
    timeout: float | None = None  # Seconds.
    memory: int = 2048  # MiB.
    processors: int = 2
    interactive: bool = False
    console: Path | None = None  # Keeps the kernel's console there.
    preloaded: list = field(default_factory=list)  # Files that are in the machine's memory from the beginning.

    def execute(self, kernel):
        """Runs the command; returns its exit status (124 out of time, 125 the machine died first)."""
        with tempfile.TemporaryDirectory(prefix="lab.") as work:
            console = self.console or Path(work) / "console"
            image = Path(work) / "initramfs"
            image.write_bytes(self._initramfs(kernel))
            ports = {name: socket.socketpair() for name in self._port_names()}
            doors = {name: socket.socketpair() for name in outside.PORTS}
            every = {**ports, **doors}
            process = _start(self._arguments(kernel, image, console, every), [pair[1] for pair in every.values()])
            for _, theirs in every.values():
                theirs.close()
            outside.serve([ours for ours, _ in doors.values()])
            try:
                with _terminal(self.interactive):
                    status = _Relay({name: pair[0] for name, pair in ports.items()}, self.timeout).run()
                if status == STATUS_DIED:
                    _let_end(process)
            finally:
                process.kill()
                process.wait()
            if status in (STATUS_TIMEOUT, STATUS_DIED):
                _explain(status, self.timeout, process.returncode, console)
            return status

    def _port_names(self):
        return ("terminal", "status") if self.interactive else ("output", "error", "status")

    def _initramfs(self, kernel):
        size = shutil.get_terminal_size()
        settings = {
            "RELEASE": kernel.release,
            "MODULES": kernel.modules.resolve(),
            "INTERACTIVE": "yes" if self.interactive else "",
            "ROWS": size.lines,
            "COLUMNS": size.columns,
            "TERMINAL": os.environ.get("TERM", "vt100"),
        }
        folders = [Path(folder).resolve() for folder in (CHECKOUT, self.folder)]
        writable = [Path(folder).resolve() for folder in self.writable]
        for folder in [*folders, *writable]:
            if "\n" in str(folder):
                raise ValueError(f"a folder with a line break in its name cannot be shown: {folder!r}")
        shown = [folder for folder in dict.fromkeys(folders) if str(folder).startswith(tuple(f"{s}/" for s in SHADOWED))]
        shown = [folder for folder in shown if not any(other in folder.parents for other in shown)]
        return initramfs.build(
            kernel,
            "".join(f"{name}={shlex.quote(str(value))}\n" for name, value in settings.items()),
            self._script(),
            shown,
            writable,
            self.preloaded,
        )

    def _script(self):
        line = self.command[0] if len(self.command) == 1 else f"exec {shlex.join(self.command)}"
        exports = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in self.environment.items())
        return f"cd {shlex.quote(str(Path(self.folder).resolve()))} || exit\n{exports}{line}\n"

    def _arguments(self, kernel, image, console, ports):
        arguments = [
            *("qemu-system-x86_64", "-machine", "pc", "-accel", "tcg,thread=multi", "-cpu", PROCESSOR),
            *("-smp", str(self.processors), "-m", str(self.memory)),
            *("-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"),
            *("-serial", f"file:{_escaped(console)}"),
            *("-kernel", str(kernel.image), "-initrd", str(image), "-append", KERNEL_ARGUMENTS),
            *("-fsdev", "local,id=root,path=/,security_model=none,readonly=on,multidevs=remap"),
            *("-device", "virtio-9p-pci,fsdev=root,mount_tag=root"),
            *("-device", f"virtio-serial-pci,max_ports={len(PORT_NUMBERS)}"),
        ]
        for number, folder in enumerate(self.writable):
            path = _escaped(Path(folder).resolve())
            arguments += ["-fsdev", f"local,id=writable{number},path={path},security_model=none"]
            arguments += ["-device", f"virtio-9p-pci,fsdev=writable{number},mount_tag=writable{number}"]
        for name, (_, theirs) in ports.items():
            device = "virtconsole" if name == "terminal" else "virtserialport"
            arguments += ["-chardev", f"socket,id={name},fd={theirs.fileno()}"]
            arguments += ["-device", f"{device},chardev={name},name={name},nr={PORT_NUMBERS[name]}"]
        return arguments


class _Relay:
    """Carries the ports' octets until the machine says that the command ended, dies, or runs out of time."""

    def __init__(self, ports, timeout):
        self._ports = ports
        self._deadline = None if timeout is None else time.monotonic() + timeout
        self._selector = selectors.DefaultSelector()
        self._status_text = b""
        self._status = None

    def run(self):
        for name, port in self._ports.items():
            self._selector.register(port, selectors.EVENT_READ, name)
        if "terminal" in self._ports:
            self._selector.register(sys.stdin, selectors.EVENT_READ, "keyboard")
        while True:
            ready = self._selector.select(self._wait_at_most())
            if not ready:
                # After "ended" one empty look is enough: the guest wrote its output before it wrote that.
                return STATUS_TIMEOUT if self._status is None else self._status
            for key, _ in ready:
                if not self._carry(key.data, key.fileobj):
                    return STATUS_DIED if self._status is None else self._status

    def _wait_at_most(self):
        if self._status is not None:
            return 0
        return None if self._deadline is None else max(0, self._deadline - time.monotonic())

    def _carry(self, name, source):
        """Moves what has arrived; False when the machine has closed the port."""
        if name == "keyboard":
            octets = os.read(source.fileno(), READ_SIZE_OCTETS)
            if octets:
                self._ports["terminal"].sendall(octets)
            else:
                self._selector.unregister(source)
            return True
        try:
            octets = source.recv(READ_SIZE_OCTETS)
        except ConnectionError:
            octets = b""
        if not octets:
            return False
        if name == "status":
            self._status_text += octets
            for line in self._status_text.decode().splitlines():
                if line.startswith("ended "):
                    self._status = int(line.split()[1])
        else:
            _write_all(2 if name == "error" else 1, octets)
        return True


def _start(arguments, inherited):
    library = ctypes.CDLL(None)
    parent = os.getpid()

    def die_with_parent():
        library.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # It died before the line above.
            os._exit(1)

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda received, _: sys.exit(128 + received))
    try:
        return subprocess.Popen(
            arguments,
            stdin=subprocess.DEVNULL,
            pass_fds=[theirs.fileno() for theirs in inherited],
            preexec_fn=die_with_parent,
        )
    except FileNotFoundError:
        raise FileNotFoundError("qemu-system-x86 is not installed; Tests/Lab/packages vm") from None


@contextlib.contextmanager
def _terminal(interactive):
    """The terminal passes every key to the guest while it is interactive, and is as before afterwards."""
    if not (interactive and sys.stdin.isatty()):
        yield
        return
    before = termios.tcgetattr(sys.stdin)
    tty.setraw(sys.stdin)
    try:
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)


def _let_end(process):
    """Waits for QEMU, which has closed its ports, to end by itself, so that its status tells why."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=LAST_SECONDS)


def _explain(status, timeout, emulator_status, console):
    # Status 0 is a machine that stopped or restarted itself, after a panic of its kernel for instance; a negative one
    # is the signal that QEMU died of.
    reason = f"the machine died before its command ended (QEMU's status {emulator_status})"
    if status == STATUS_TIMEOUT:
        reason = f"out of time after {timeout:g} s"
    print(f"vm: {reason}; the end of its console:", file=sys.stderr)
    text = console.read_text(errors="replace") if console.exists() else ""
    for line in text.splitlines()[-CONSOLE_TAIL_LINES:] or ["(empty)"]:
        print(f"  {line}", file=sys.stderr)
    # Last, so that it is in what others show of a long output.
    print(f"vm: {reason}:", file=sys.stderr)
    for line in consoles.digest(text):
        print(f"  {line}", file=sys.stderr)


def _write_all(descriptor, octets):
    while octets:
        octets = octets[os.write(descriptor, octets) :]


def _escaped(path):
    """A path inside one of QEMU's comma-separated options."""
    return str(path).replace(",", ",,")
