"""The names that `labs` and its rooms offer, and what `import labs` costs."""

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

import labs

NAMES = [
    "Lab",
    "LabsError",
    "PullFailed",
    "PushFailed",
    "Reference",
    "RegistryClient",
    "RegistryError",
    "mend",
    "open",
]
LABS = Path(labs.__file__).parent
ROOMS = {
    "labs.bench": """
        ALL FindServer MEASUREMENTS Row Setting as_json as_table measure pairs pick setting
    """,
    "labs.builder": """
        BuildError LessonFiles Problem Sanitizer compare dated_pages find_root known_exercises lessons make page
        problems review run scaffold shop_notebook source stale strip
    """,
    "labs.engine": """
        Embedded Engine EngineClient EngineError EngineGone EngineNotFound EngineTooOld NODE_RUNTIME
        OLDEST_ENGINE find find_or_start install_packages log_of_last_run make_config_folder seconds_of
    """,
    "labs.graded": """
        GradedLab GraderClient Mux ProtocolError Reader RemotePlayground Stream is_graded join protocol
    """,
    "labs.grading": """
        Accept Channel GradingError GradingRequest Handout Interrupted KERNEL Kernel Limits LocalRunner
        LoopThread Mark RecordError Result RunReport Runner Stopped Submission SwarmRunner grade
        kernel_container number open_runner sanitize_line
    """,
    "labs.grading.adjustments": "Adjustments",
    "labs.grading.reports": "describe_run gradebook number sanitize_line spreadsheet_cell",
    "labs.grading.runners": "KERNEL LocalRunner SwarmRunner open_runner",
    "labs.grading.sandbox": """
        Accept CHECK_TIMEOUT_S Channel Kernel LoopThread SubmissionGrader kernel_container
        remove_created_by
    """,
    "labs.grading.submissions": """
        Handout assemble check_cell lessons_of list_folder read_all text_of
    """,
    "labs.images": """
        Catalog ClassAddress ClassImages ClassRegistry Image ImageError SERVES_LABEL Stock VARIABLE Work WorkFile
        can_serve ensure load look missing remove require_free save serve_class stock
    """,
    "labs.lesson": """
        Answer Answers Asked Conversation Exercise Finding Hint JSON Lab Lesson LessonError NamedCheck
        Note Outcome Progress ProgressReport PullFailed PushFailed Question RequestTable Shown Standing
        SwarmMap SwarmWatch Task Tree Tried Verdict Workplace count judge next_hint not_attempted not_yet
        passed plain_json pull push standing
    """,
    "labs.lessons": """
        all_lessons ask drafts driver_of find is_insecure on_port read_file served setting storage_mount
    """,
    "labs.lessons.common": """
        CERTS_D HubAccount Member PasswordLines PortAnswer Probe Record Request SiteVersions archive_of ask
        ask_ports asks_itself beginning begun_at blob_file by_hand code_of data_on_node difference driver_of
        hub_answering image_of in_store is_insecure lets_through listed local_config login_of missing_nodes
        missing_part named no_digest no_registry nodes_of on_port open_ports open_to_strangers other_registry
        pushed_at put_manifest read_file read_note reading refused_attempt refused_request registries_of root_of
        says_registry served service_of setting settings_of shares_store silent storage_mount storage_on_node
        tags_of task_containers too_few update_of upload upload_blob wait_for_all within writing
        wrong_certificate wrong_image
    """,
    "labs.playground": """
        Authority BUCKET CAPABILITIES COURSE Cgroup ClientFiles ENGINE_PORT ExecResult FOLDER HOST_VARIABLES
        HubServer Isolation Member Names Node NodeUnavailable ObjectStore PAGE_PORT Playground PlaygroundError
        PlaygroundSpec Published RELAY_OFFSET
        RUNTIME STORE_PORT ServiceState StoredObject Swarm SwarmMonitor SwarmState TaskState
        capabilities cgroup_folders cgroup_name cgroup_of course_filters find haproxy isolation_of
        open_playground others remove_all remove_container remove_objects remove_strays service_spec
        strays temporary_course
    """,
    "labs.playground.swarm": """
        Member Published ServiceState Swarm SwarmState TaskState formation haproxy service_spec
    """,
    "labs.registry": """
        ACCEPT Blob CONFIG_FILES Certificate Descriptor Index InvalidManifest InvalidReference Link
        LoggedRequest Manifest Reference RegistryClient RegistryError RegistrySettings STORAGE Served Step
        Storage StoredFile Traffic TrafficRow authorities certificates config_file conversation digest_of
        files_in_tar read_access_log read_manifest traffic_rows value_in value_in_variables
    """,
    "labs.repairs": "RepairLab SHOP Scenario all_scenarios called draw error_list error_page find "
    "next_repair open_repair open_repairs repair_list ways_in",
    "labs.repairs.common": """
        ADDRESS REFERENCE REGISTRY REPOSITORY TAG TOOL TOOL_REFERENCE TRUST abilities begin_upload blobs_lost
        docker_says engine_sees guarded_image_kept has_pulled image_kept issue keeps leads_to listed_as_insecure
        make_authority make_tool ready run_registry said serve_signed shell speaks_plain stable
        still_insecure still_pulls stock taken_away trusts_no_authority user_pulls user_pulls_over_tls user_pushed
    """,
    "labs.views": "View ignore_host_settings opening opening_of short_tracebacks show view",
}
EACH_ROOM = [  # jupytext asks pandoc for its version when it is imported
    pytest.param(name, marks=pytest.mark.process)
    if name in ("labs.bench", "labs.builder")
    else name
    for name in ROOMS
]


def test_public_names_are_these():
    assert sorted(labs.__all__) == NAMES == dir(labs)
    for name in NAMES:
        assert getattr(labs, name).__module__.startswith("labs")


def test_another_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'opne'"):
        labs.opne  # noqa: B018


@pytest.mark.process
def test_import_loads_nothing_heavy():
    code = "import sys, labs; print(sorted({'docker', 'httpx', 'IPython', 'ipywidgets'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_open_of_an_unknown_lesson_says_so_without_an_engine(monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
    with pytest.raises(labs.LabsError, match='no lesson "run-a-registri"'):
        labs.open("run-a-registri")


def imported_for_types(room: ModuleType) -> dict[str, str]:
    """The names that a room's `__init__` imports under `if TYPE_CHECKING`, with the modules they come from."""
    tree = ast.parse(Path(str(room.__file__)).read_text(encoding="utf-8"))
    blocks = [node for node in tree.body if isinstance(node, ast.If)]
    imports = [each for block in blocks for each in block.body if isinstance(each, ast.ImportFrom)]
    return {alias.name: str(each.module) for each in imports for alias in each.names}


def test_every_room_that_offers_names_is_listed():
    # Not the hub's: its tables can be imported in a process of Django's alone, and no other room does.
    inits = [
        p for p in LABS.rglob("__init__.py") if p.parent != LABS and LABS / "hub" not in p.parents
    ]
    rooms = [path for path in inits if "__all__" in path.read_text(encoding="utf-8")]
    names = {".".join(path.relative_to(LABS.parent).parent.parts) for path in rooms}
    assert names == set(ROOMS)


@pytest.mark.parametrize("name", EACH_ROOM)
def test_room_offers_these_names(name):
    room = import_module(name)
    assert sorted(room.__all__) == ROOMS[name].split()
    assert all(hasattr(room, each) for each in room.__all__)


@pytest.mark.parametrize("name", EACH_ROOM)
def test_names_loaded_on_first_use_are_those_that_types_see(name):
    room = import_module(name)
    for each, home in imported_for_types(room).items():
        value = getattr(room, each)
        assert each in room.__all__
        assert value is getattr(import_module(home), each)
        # Python binds an imported submodule to its name in the package: another value there would be lost.
        assert (
            isinstance(value, ModuleType)
            or not (LABS.parent / f"{name.replace('.', '/')}/{each}.py").exists()
        )


def test_room_has_no_other_names():
    with pytest.raises(AttributeError, match=r"module 'labs\.engine' has no attribute 'fined'"):
        import_module("labs.engine").fined  # noqa: B018
