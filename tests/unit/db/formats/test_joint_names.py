"""Names people give to joints."""

import pytest

from db.formats.parts.joint_names import find_meaning, match_names
from resources.skeleton import get_skeleton


@pytest.mark.parametrize(
    "name",
    [
        *("left shoulder", "LShoulder", "left_shoulder", "l_sho", "shoulder.L", "shoulder_l", "leftShoulder"),
        *("LEFT-SHOULDER", "lshoulder", "LSho", "shoulderLeft", "Shoulder (left)", "6. left shoulder", "lt shoulder"),
    ],
)
def test_spellings_of_one_joint(name: str) -> None:
    assert find_meaning(name) == "left_shoulder"


@pytest.mark.parametrize(
    ("name", "meaning"),
    [
        ("REar", "right_ear"),
        ("rear", "right_ear"),
        ("lear", "left_ear"),
        ("Nose", "nose"),
        ("HeadTop", "head_top"),
        ("top of head", "head_top"),
        ("upper neck", "neck"),
        ("mid_hip", "pelvis"),
        ("LBigToe", "left_big_toe"),
        ("right heel", "right_heel"),
    ],
)
def test_other_joints(name: str, meaning: str) -> None:
    assert find_meaning(name) == meaning


@pytest.mark.parametrize(
    "name", ["1", "kp3", "tail", "left", "shoulder", "left nose", "person", "", "ball", "leg_left"]
)
def test_what_names_no_joint(name: str) -> None:
    assert find_meaning(name) is None


@pytest.mark.parametrize(
    "layout",
    ["coco17", "coco23", "mpii16", "lsp14", "jhmdb15", "openpose18", "openpose25", "openpose25b", "posetrack17"],
)
def test_a_layout_finds_itself(layout: str) -> None:
    joints = get_skeleton(layout).joints
    table = match_names(joints)
    assert table is not None
    assert table.skeleton == layout
    assert [table.joints[joint] for joint in joints] == list(range(len(joints)))
    assert table.unknown == ()


def test_sides_are_never_exchanged() -> None:
    for layout in ("coco17", "mpii16", "openpose25"):
        skeleton = get_skeleton(layout)
        for index, joint in enumerate(skeleton.joints):
            meaning = find_meaning(joint)
            assert meaning is not None
            assert ("left" in meaning) == (skeleton.side(index) == "left")
            assert ("right" in meaning) == (skeleton.side(index) == "right")


def test_names_that_are_no_joints_are_listed_and_none_at_all_is_nothing() -> None:
    table = match_names(["LShoulder", "RShoulder", "LElbow", "RElbow", "ball", "racket"])
    assert table is not None
    assert table.unknown == ("ball", "racket")
    assert match_names(["1", "2", "3"]) is None
