"""What runs in a kernel's container beside the kernel: the relay, the bridge, and network isolation.

These modules import the standard library, `labs.graded.mux` and `labs.graded.protocol`, nothing else of the course:
the relay is started for every submission and must start fast. The bridge imports jupyter_client, in a process
of its own; `kernel_output` is in the process of the kernel itself, and imports what the kernel does.
"""
