"""Where a registry stores and whether it logs, from its variables and from its file."""

from __future__ import annotations

import pytest

from labs.registry import STORAGE, RegistrySettings, config_file

# That of registry:2, with another folder.
FILE = """\
version: 0.1
log:
  fields:
    service: registry
  accesslog:
    disabled: {off}
storage:
  cache:
    blobdescriptor: inmemory
  {driver}:
    rootdirectory: {root}  # on the large disk
http:
  addr: :5000
"""
ROOT = "REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY"


def test_registry_without_settings_has_the_usual_folder_and_a_log():
    assert RegistrySettings.read({}) == RegistrySettings("filesystem", STORAGE, True)


@pytest.mark.parametrize("root", ["/data", '"/data"', "'/data'"])
def test_folder_is_that_of_the_file_and_a_variable_wins(root):
    file = FILE.format(off="false", driver="filesystem", root=root)
    assert RegistrySettings.read({}, file) == RegistrySettings("filesystem", "/data", True)
    assert RegistrySettings.read({ROOT: "/other"}, file).root == "/other"


@pytest.mark.parametrize(
    ("off", "logs"), [("true", False), ("false", True), ("True", False), ("", True)]
)
def test_access_log_is_off_by_variable_or_file(off, logs):
    file = FILE.format(off=off, driver="filesystem", root="/data")
    assert RegistrySettings.read({}, file).access_log is logs
    assert RegistrySettings.read({"REGISTRY_LOG_ACCESSLOG_DISABLED": off}).access_log is logs


@pytest.mark.parametrize(
    "variables",
    [
        {"REGISTRY_STORAGE": "s3"},
        {"REGISTRY_STORAGE": '{"s3": {"bucket": "b"}}'},
        {"REGISTRY_STORAGE": "s3: {bucket: b}"},
        {"REGISTRY_STORAGE_S3_BUCKET": "b"},
    ],
)
def test_other_storage_is_named(variables):
    assert RegistrySettings.read(variables).driver == "s3"


def test_storage_of_the_file_is_named_and_its_cache_is_none():
    assert (
        RegistrySettings.read({}, FILE.format(off="", driver="swift", root="x")).driver == "swift"
    )
    assert (
        RegistrySettings.read({}, FILE.format(off="", driver="filesystem", root="x")).driver
        == "filesystem"
    )


def test_file_that_the_command_names_is_the_one():
    assert config_file(["/entrypoint.sh", "serve", "/etc/mine"], {}) == "/etc/mine"
    assert config_file(["/entrypoint.sh", "/etc/docker/registry/config.yml"], {}).endswith(
        "config.yml"
    )
    assert config_file(["registry", "serve"], {"REGISTRY_CONFIGURATION_PATH": "/etc/x"}) == "/etc/x"
    assert config_file(["sh", "-c", "exec registry serve '/srv/a.conf'"], {}) == "/srv/a.conf"
    assert config_file(["/entrypoint.sh"], {}) == ""


def test_section_in_a_variable_is_read():
    section = '{"filesystem": {"rootdirectory": "/data"}}'
    assert RegistrySettings.read({"REGISTRY_STORAGE": section}) == RegistrySettings(
        "filesystem", "/data"
    )
    assert (
        RegistrySettings.read({"REGISTRY_STORAGE_FILESYSTEM": "{rootdirectory: /data}"}).root
        == "/data"
    )
    assert not RegistrySettings.read(
        {"REGISTRY_LOG": '{"accesslog": {"disabled": true}}'}
    ).access_log


@pytest.mark.parametrize(
    ("variables", "file", "port"),
    [
        ({}, "", 5000),
        ({"REGISTRY_HTTP_ADDR": ":5001"}, "", 5001),
        ({"REGISTRY_HTTP_ADDR": "127.0.0.1:5010"}, "http:\n  addr: :5002\n", 5010),
        ({}, "http:\n  addr: :5002\n", 5002),
        ({"REGISTRY_HTTP_ADDR": "unix"}, "", 5000),
    ],
)
def test_port_is_that_of_variable_or_file(variables, file, port):
    assert RegistrySettings.read(variables, file).port == port
