"""The check of exercise 16.5: which registry fits each of three teams, and why another one does not."""

from __future__ import annotations

from labs.lesson import Answers, Finding, not_attempted, not_yet, passed
from labs.playground import Playground

CHOICES = ("cloud", "crane", "distribution", "docker hub", "gitlab")
_NO_INTERNET = "there is no internet access in the plant: who must reach it comes first"
_LASTS = "it has to be installed and kept, for images that nothing needs in ten minutes"
_FAR = "each job would need a login and the network, for images that nothing needs in ten minutes"
_NO_RULES = "it has no accounts of its own and no rule that deletes by age: you would build both"

FITS = {
    "pipeline": ("crane", "distribution"),  # one that is removed with its data does the same
    "plant": ("distribution",),
    "shop": ("gitlab",),
}
TWO_FIT = "two fit the pipeline: crane, and distribution if it is removed with its volume"
WHY_NOT = {
    "pipeline": {
        "gitlab": _LASTS,
        "cloud": _FAR,
        "docker hub": _FAR,
    },
    "plant": {
        "crane": "it keeps manifests in memory, so all tags are gone when the machine is switched off",
        "gitlab": "it fits too, with much more to run and to update than these needs ask for",
        "cloud": _NO_INTERNET,
        "docker hub": _NO_INTERNET,
    },
    "shop": {
        "crane": _NO_RULES,
        "distribution": _NO_RULES,
        "cloud": "its accounts are those of the cloud; code, builds and people of this team are in GitLab",
        "docker hub": "each of the forty would need one account more; their accounts are in GitLab",
    },
}


def matched(playground: Playground, answers: Answers) -> Finding:
    """Each team has the registry that its first needs lead to."""
    playground.node(1).docker.ping()  # a dead engine is told before any answer is judged
    given = {team: _plain(answers.get(team)) for team in FITS}
    empty = [team for team, choice in given.items() if not choice]
    if len(empty) == len(FITS):
        return not_attempted(f"choose one for each team: {', '.join(CHOICES)}")
    if empty:
        return not_yet(
            f"{empty[0]} has none yet, wanted one of {', '.join(CHOICES)}",
            hint="go through the questions in their order, and stop at the first that decides",
        )
    for team, choice in given.items():
        if choice not in CHOICES:
            return not_yet(
                f'there is no choice "{choice[:30]}" for {team}',
                hint=f"the choices are {', '.join(CHOICES)}",
            )
        if choice not in FITS[team]:
            return not_yet(f"{choice} is not what fits {team} best", hint=WHY_NOT[team][choice])
    return passed(TWO_FIT)


def _plain(choice: object) -> str:
    words = choice.strip().casefold().replace("-", " ") if isinstance(choice, str) else ""
    return {"dockerhub": "docker hub", "hub": "docker hub"}.get(words, words)
