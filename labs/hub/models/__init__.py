"""The tables of the hub."""

from labs.hub.models.accounts import AccessToken, Account, FailedLogin, TokenUse
from labs.hub.models.automation import (
    Build,
    BuildRule,
    Delivery,
    RepositoryLink,
    Source,
    Trigger,
    TriggerCall,
    Webhook,
)
from labs.hub.models.repositories import (
    Collaborator,
    PushedImage,
    Repository,
    Tag,
    TeamPermission,
)
from labs.hub.models.spaces import Level, Membership, Namespace, Team

__all__ = [
    "AccessToken",
    "Account",
    "Build",
    "BuildRule",
    "Collaborator",
    "Delivery",
    "FailedLogin",
    "Level",
    "Membership",
    "Namespace",
    "PushedImage",
    "Repository",
    "RepositoryLink",
    "Source",
    "Tag",
    "Team",
    "TeamPermission",
    "TokenUse",
    "Trigger",
    "TriggerCall",
    "Webhook",
]
