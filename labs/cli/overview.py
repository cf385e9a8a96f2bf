"""The commands in the order of `labs --help`, each in one line, and that page. Nothing is imported for it.

Each summary fits a terminal of 80 columns, so that the page needs no wrapping. What a command does in full, and
its options, are in its own module.
"""

COMMANDS = {
    "start": "Find or start an engine, get images, open JupyterLab.",
    "doctor": "Say what is fine on this machine and what is not.",
    "images": "List, get, save, load, serve and remove the course's images.",
    "progress": "Show what you have passed, lesson by lesson.",
    "mend": "Mend a broken registry: scenarios, hints, checks.",
    "reset": "Remove a lesson's playground, or all; your progress stays.",
    "stop": "Remove playgrounds, stop JupyterLab and the course's engine.",
    "build": "Make notebooks/ and the site's lesson pages from solutions/.",
    "new-lesson": "Make the files of a new lesson as a draft.",
    "check-lesson": "Say what is missing or wrong in a lesson.",
    "site": "Build the course as a site into build/site.",
    "grade": "Grade a class: notebooks run isolated, judged from outside.",
    "rehearse": "Grade the course's own solutions: can this machine grade?",
    "bench": "Measure speed and size beside their baselines.",
}


def overview() -> str:
    """What `labs --help` prints."""
    width = max(map(len, COMMANDS)) + 2
    return "\n".join(
        (
            "Usage: labs COMMAND [OPTIONS] [ARGS]...",
            "",
            "Container Registries, Hands On: playgrounds, images, lessons, grading, site.",
            "",
            "Commands:",
            *(f"  {name:{width}}{summary}" for name, summary in COMMANDS.items()),
            "",
            "`labs COMMAND --help` tells the options of a command, `labs --version` which",
            "version of the course this is.",
        )
    )
