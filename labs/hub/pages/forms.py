"""What people write into pages, and what of it is accepted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError

from labs.hub import names
from labs.hub.models import (
    AccessToken,
    Account,
    BuildRule,
    Membership,
    Repository,
    Source,
    Trigger,
    Webhook,
)

_PRIVATE = "Private: only those who may pull it see it"


class SignUp(forms.Form):
    """A new account."""

    username = forms.CharField(
        max_length=30,
        help_text="2 to 30 small letters and digits",
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )
    password = forms.CharField(
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="8 characters at least",
    )

    def clean_username(self) -> str:
        """A name that can be a namespace."""
        return _checked(names.check_space, self.cleaned_data["username"])


class NewName(forms.Form):
    """The name of a new organization or team."""

    name = forms.CharField(max_length=30, help_text="2 to 30 small letters and digits")

    def clean_name(self) -> str:
        """A name that can be a namespace, or like one."""
        return _checked(names.check_space, self.cleaned_data["name"])


class NewRepository(forms.ModelForm):  # type: ignore[type-arg]
    """A new repository; a push makes one as well."""

    class Meta:
        """Of a repository's fields."""

        model = Repository
        fields = ("name", "description", "private")
        labels: ClassVar = {"private": _PRIVATE}
        help_texts: ClassVar = {
            "name": "small letters and digits, with . _ - or / between them",
            "description": "one line, shown in lists",
        }

    def clean_name(self) -> str:
        """A name that a registry accepts."""
        return _checked(names.check_repository, self.cleaned_data["name"])


class EditRepository(forms.ModelForm):  # type: ignore[type-arg]
    """What can be changed later."""

    class Meta:
        """Of a repository's fields."""

        model = Repository
        fields = ("description", "full_description", "private")
        labels: ClassVar = {"private": _PRIVATE}
        help_texts: ClassVar = {
            "description": "one line, shown in lists",
            "full_description": "plain text; URLs become links",
        }


class NamedAccount(forms.Form):
    """The name of an account."""

    username = forms.CharField(max_length=30)

    def clean_username(self) -> Account:
        """The account itself."""
        found = Account.objects.filter(username=self.cleaned_data["username"]).first()
        if found is None:
            raise ValidationError(
                "no account %(name)r", params={"name": self.cleaned_data["username"]}
            )
        return found


class NewMember(NamedAccount):
    """A member of an organization, with a role."""

    role = forms.ChoiceField(choices=Membership.Role.choices)


class TypedName(forms.Form):
    """The name of a repository, typed by who wants to delete it."""

    name = forms.CharField(widget=forms.TextInput(attrs={"autocomplete": "off"}))

    def __init__(self, path: str, *args: Any, **others: Any) -> None:
        super().__init__(*args, **others)
        self._path = path
        self.fields["name"].label = f"Type {path}"

    def clean_name(self) -> str:
        """The name as it is."""
        if self.cleaned_data["name"] != self._path:
            raise ValidationError(f"nothing was deleted: type {self._path}")
        return self._path


class NewToken(forms.ModelForm):  # type: ignore[type-arg]
    """A new access token."""

    class Meta:
        """Of a token's fields."""

        model = AccessToken
        fields = ("label", "scope")
        help_texts: ClassVar = {"label": "where it is used, such as: build server"}


class NewSource(forms.ModelForm):  # type: ignore[type-arg]
    """A git repository for a repository's builds."""

    class Meta:
        """Of a source's fields."""

        model = Source
        fields = ("name",)
        help_texts: ClassVar = {"name": "of the git repository, without .git"}


class NewRule(forms.ModelForm):  # type: ignore[type-arg]
    """A build rule."""

    class Meta:
        """Of a rule's fields."""

        model = BuildRule
        labels: ClassVar = {
            "kind": "Pushed is a",
            "source": "Name of the branch or git tag",
            "tag": "Tag of the image",
            "autobuild": "Autobuild: build at each push",
            "caching": "Caching: keep layers from build to build",
        }
        fields = ("kind", "source", "tag", "dockerfile", "context", "autobuild", "caching")


class StartBuilds(forms.Form):
    """A branch or git tag that is to be built now."""

    kind = forms.ChoiceField(label="Of the source", choices=BuildRule.Kind.choices)
    ref = forms.CharField(label="Name", max_length=200, initial="main")


class NewWebhook(forms.ModelForm):  # type: ignore[type-arg]
    """A webhook; its secret is made by the hub."""

    class Meta:
        """Of a webhook's fields."""

        model = Webhook
        fields = ("name", "url")
        labels: ClassVar = {"url": "URL"}


class Path(forms.Form):
    """The name of a repository, `acme/base`."""

    path: ClassVar = forms.CharField(
        max_length=231, label="Repository of the base", help_text="such as acme/base"
    )


class NewTrigger(forms.ModelForm):  # type: ignore[type-arg]
    """A trigger; its secret is made by the hub."""

    class Meta:
        """Of a trigger's fields."""

        model = Trigger
        fields = ("name",)
        help_texts: ClassVar = {"name": "who calls it"}


def is_done(form: forms.BaseForm, act: Callable[..., object], field: str) -> bool:
    """Whether a form was sent, is right, and `act` has taken its fields; else the form says what is wrong.

    Args:
        form: As it was sent, or an empty one.
        act: What the fields are given to.
        field: Beside it an error of `act` is shown whose code names no field.
    """
    if not form.is_valid():
        return False
    try:
        act(**form.cleaned_data)
    except ValidationError as error:
        code = str(getattr(error, "code", ""))
        at = code if code in form.fields else field
        form.add_error(None if hasattr(error, "error_dict") else at, error)
    return form.is_valid()


def _checked(check: Any, text: str) -> str:
    check(text)
    return text
