"""The paths of the hub. The registry's part of `/v2/`, and `/static/`, are the proxy's."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path, re_path

from labs.hub import api, events
from labs.hub.automation import git_http, triggers
from labs.hub.pages import account_pages, api_page, automation_pages, repository_pages, space_pages
from labs.hub.rights import token_server

_SPACE = r"(?P<space>[a-z0-9]{2,30})"
# Names of repositories may have slashes, and no part of one is a dash alone: `/-/` begins what is not the name.
_PATH = r"(?P<path>[a-z0-9]{2,30}/[a-z0-9._/-]{1,200}?)"
_DIGEST = r"(?P<digest>sha(?:256|512):[0-9a-f]{64,128})"
_NUMBER = r"(?P<number>[0-9]{1,18})"


def healthz(_request: HttpRequest) -> HttpResponse:
    """Whether the hub answers; the proxy is asked for the registry as well."""
    return HttpResponse("ok\n", content_type="text/plain")


urlpatterns = [
    path("", space_pages.home, name="home"),
    path("healthz", healthz),
    # With a slash where a registry writes the address itself (`autoredirect`).
    re_path("^auth/token/?$", token_server.token),
    path("events", events.events),
    path("git-received/<int:number>", git_http.received),
    re_path(
        rf"^git/{_SPACE}/(?P<name>[a-z0-9._-]{{1,100}}?)\.git/(?P<rest>.*)$", git_http.git_http
    ),
    path("trigger/<str:secret>", triggers.call, name="trigger"),
    path("signup", account_pages.sign_up_page, name="signup"),
    path("login", account_pages.login_page, name="login"),
    path("logout", account_pages.logout_page, name="logout"),
    path("settings/tokens", account_pages.tokens_page, name="tokens"),
    path("settings/tokens/<int:number>/switch", account_pages.switch_token, name="switch-token"),
    path("settings/tokens/<int:number>/delete", account_pages.delete_token, name="delete-token"),
    path("organizations/new", space_pages.new_organization, name="new-organization"),
    path("api", api_page.api_page, name="api"),
    path("api/openapi.json", api_page.openapi_json, name="openapi"),
    *api.urlpatterns,
    re_path(rf"^{_SPACE}$", space_pages.space_page, name="space"),
    re_path(rf"^{_SPACE}/-/new$", space_pages.new_repository, name="new-repository"),
    re_path(rf"^{_SPACE}/-/members$", space_pages.members_page, name="members"),
    re_path(
        rf"^{_SPACE}/-/members/{_NUMBER}/delete$", space_pages.delete_member, name="delete-member"
    ),
    re_path(rf"^{_SPACE}/-/teams$", space_pages.teams_page, name="teams"),
    re_path(rf"^{_SPACE}/-/teams/{_NUMBER}$", space_pages.change_team, name="change-team"),
    re_path(rf"^{_SPACE}/-/default$", space_pages.change_default, name="change-default"),
    re_path(rf"^{_PATH}/-/images/{_DIGEST}$", repository_pages.image_page, name="image"),
    re_path(
        rf"^{_PATH}/-/images/{_DIGEST}/delete$", repository_pages.delete_image, name="delete-image"
    ),
    re_path(rf"^{_PATH}/-/settings$", repository_pages.settings_page, name="settings"),
    re_path(rf"^{_PATH}/-/delete$", repository_pages.delete_repository, name="delete-repository"),
    re_path(rf"^{_PATH}/-/permissions$", repository_pages.change_permission, name="permissions"),
    re_path(
        rf"^{_PATH}/-/collaborators$", repository_pages.change_collaborator, name="collaborators"
    ),
    re_path(rf"^{_PATH}/-/builds$", automation_pages.builds_page, name="builds"),
    re_path(rf"^{_PATH}/-/builds/start$", automation_pages.start_builds, name="start-builds"),
    re_path(rf"^{_PATH}/-/builds/{_NUMBER}$", automation_pages.build_page, name="build"),
    re_path(rf"^{_PATH}/-/builds/{_NUMBER}/log$", automation_pages.build_log, name="build-log"),
    re_path(
        rf"^{_PATH}/-/builds/{_NUMBER}/change$", automation_pages.change_build, name="change-build"
    ),
    re_path(rf"^{_PATH}/-/automation$", automation_pages.automation_page, name="automation"),
    re_path(
        rf"^{_PATH}/-/automation/(?P<what>[a-z-]+)$",
        automation_pages.change_automation,
        name="change-automation",
    ),
    re_path(rf"^{_PATH}$", repository_pages.repository_page, name="repository"),
]
