"""What people write into pages, and what of it is accepted."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from labs.hub import names
from labs.hub.models import AccessToken, Account, BuildRule, Repository, Source, Webhook


class SignUp(forms.Form):
    """A new account."""

    username = forms.CharField(max_length=30, help_text="2 to 30 small letters and digits")
    password = forms.CharField(widget=forms.PasswordInput(), help_text="8 characters at least")

    def clean_username(self) -> str:
        """A name that can be a namespace."""
        return _checked(names.check_space, self.cleaned_data["username"])


class NewOrganization(forms.Form):
    """A new organization; who makes it is its first owner."""

    name = forms.CharField(max_length=30, help_text="2 to 30 small letters and digits")

    def clean_name(self) -> str:
        """A name that can be a namespace."""
        return _checked(names.check_space, self.cleaned_data["name"])


class NewRepository(forms.ModelForm):  # type: ignore[type-arg]
    """A new repository; a push makes one as well."""

    class Meta:
        """Of a repository's fields."""

        model = Repository
        fields = ("name", "description", "private")

    def clean_name(self) -> str:
        """A name that a registry accepts."""
        return _checked(names.check_repository, self.cleaned_data["name"])


class EditRepository(forms.ModelForm):  # type: ignore[type-arg]
    """What can be changed later."""

    class Meta:
        """Of a repository's fields."""

        model = Repository
        fields = ("description", "full_description", "private")


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


class NewTeam(forms.Form):
    """A new team of an organization."""

    name = forms.CharField(max_length=30, help_text="2 to 30 small letters and digits")

    def clean_name(self) -> str:
        """A name like an organization's."""
        return _checked(names.check_space, self.cleaned_data["name"])


class NewToken(forms.ModelForm):  # type: ignore[type-arg]
    """A new access token."""

    class Meta:
        """Of a token's fields."""

        model = AccessToken
        fields = ("label", "scope")


class NewSource(forms.ModelForm):  # type: ignore[type-arg]
    """A git repository for a repository's builds."""

    class Meta:
        """Of a source's fields."""

        model = Source
        fields = ("name",)


class NewRule(forms.ModelForm):  # type: ignore[type-arg]
    """A build rule."""

    class Meta:
        """Of a rule's fields."""

        model = BuildRule
        fields = ("kind", "source", "tag", "dockerfile", "context", "autobuild", "caching")


class NewWebhook(forms.ModelForm):  # type: ignore[type-arg]
    """A webhook; its secret is made by the hub."""

    class Meta:
        """Of a webhook's fields."""

        model = Webhook
        fields = ("name", "url")


def _checked(check: Any, text: str) -> str:
    check(text)
    return text
