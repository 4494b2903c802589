"""The layouts against the tables of eft_method.md section 3, typed here as literals."""

from pathlib import Path

import pytest

from resources import default_body, default_regressor, skeleton_files, theme_file
from resources.skeleton import SkeletonError, build_mapping, get_skeleton, read_skeleton, skeleton_names

SIZES = {
    "aic14": 14,
    "coco17": 17,
    "coco23": 23,
    "crowdpose14": 14,
    "humanart21": 21,
    "h36m17": 17,
    "jhmdb15": 15,
    "lsp14": 14,
    "mpii16": 16,
    "ochuman19": 19,
    "openpose18": 18,
    "openpose25": 25,
    "openpose25b": 25,
    "posetrack17": 17,
    "smpl24": 24,
    "spin24": 24,
    "spin49": 49,
}

# Table 3.4: slot of the 24-set for each joint of the dataset.
TO_SPIN24 = {
    "coco17": [19, 20, 21, 22, 23, 9, 8, 10, 7, 11, 6, 3, 2, 4, 1, 5, 0],
    "mpii16": [0, 1, 2, 3, 4, 5, 14, 15, 12, 13, 6, 7, 8, 9, 10, 11],
    "lsp14": list(range(14)),
    "ochuman19": [8, 7, 6, 9, 10, 11, 2, 1, 0, 3, 4, 5, 13, 12, 23, 22, 19, 21, 20],
    # The published table exchanges the ears; these are as the dataset names them.
    "posetrack17": [19, 12, 13, 22, 23, 9, 8, 10, 7, 11, 6, 3, 2, 4, 1, 5, 0],
    "openpose18": [19, 12, 8, 7, 6, 9, 10, 11, 2, 1, 0, 3, 4, 5, 21, 20, 23, 22],
}

# Table 3.2, columns src and flip.
SPIN49_MODEL = [
    *(24, 12, 17, 19, 21, 16, 18, 20, 0, 2, 5, 8, 1, 4, 7, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34),
    *(8, 5, 45, 46, 4, 7, 21, 19, 17, 16, 18, 20, 47, 48, 49, 50, 51, 52, 53, 24, 26, 25, 28, 27),
]
FLIPS = {
    "spin49": [
        *(0, 1, 5, 6, 7, 2, 3, 4, 8, 12, 13, 14, 9, 10, 11, 16, 15, 18, 17, 22, 23, 24, 19, 20, 21),
        *(30, 29, 28, 27, 26, 25, 36, 35, 34, 33, 32, 31, 37, 38, 39, 40, 41, 42, 43, 44, 46, 45, 48, 47),
    ],
    "spin24": [5, 4, 3, 2, 1, 0, 11, 10, 9, 8, 7, 6, 12, 13, 14, 15, 16, 17, 18, 19, 21, 20, 23, 22],
    "smpl24": [0, 2, 1, 3, 5, 4, 6, 8, 7, 9, 11, 10, 12, 14, 13, 15, 17, 16, 19, 18, 21, 20, 23, 22],
}

# Section 3.7.
BONES = {
    "spin24": "14-16,16-12,12-17,17-18,12-9,9-10,10-11,12-8,8-7,7-6,14-3,3-4,4-5,14-2,2-1,1-0",
    "openpose25": "8-1,1-0,0-16,16-18,0-15,15-17,1-2,2-3,3-4,1-5,5-6,6-7,8-12,12-13,13-14,14-21,14-19,14-20,"
    "8-9,9-10,10-11,11-24,11-22,11-23",
    "openpose18": "1-0,0-14,14-16,0-15,15-17,1-2,2-3,3-4,1-5,5-6,6-7,1-11,11-12,12-13,8-1,8-9,9-10",
    "coco17": "0-1,1-3,0-2,2-4,6-8,8-10,5-7,7-9,15-13,13-11,11-5,16-14,14-12,12-6,5-6,11-12",
    "mpii16": "6-7,7-8,8-9,7-12,12-11,11-10,7-13,13-14,14-15,6-2,2-1,1-0,6-3,3-4,4-5",
}


def test_all_layouts_are_there_with_their_joints() -> None:
    assert {name: len(get_skeleton(name)) for name in skeleton_names()} == SIZES


@pytest.mark.parametrize("name", SIZES)
def test_a_flip_undoes_itself_and_changes_sides(name: str) -> None:
    skeleton = get_skeleton(name)
    other = {"left": "right", "right": "left", "middle": "middle"}
    for index, mirrored in enumerate(skeleton.flip):
        assert skeleton.flip[mirrored] == index
        assert skeleton.side(mirrored) == other[skeleton.side(index)]
        assert skeleton.part(mirrored) == skeleton.part(index)


@pytest.mark.parametrize("name", FLIPS)
def test_flips_are_those_of_the_tables(name: str) -> None:
    assert list(get_skeleton(name).flip) == FLIPS[name]


@pytest.mark.parametrize("name", TO_SPIN24)
def test_mapping_by_name_is_the_table_and_leads_back(name: str) -> None:
    skeleton, spin24 = get_skeleton(name), get_skeleton("spin24")
    there = build_mapping(skeleton, spin24)
    assert [source for source, _ in there] == list(range(len(skeleton)))
    assert [target for _, target in there] == TO_SPIN24[name]
    assert sorted(build_mapping(spin24, skeleton)) == sorted((target, source) for source, target in there)


def test_spin49_is_the_openpose_block_and_the_24_set() -> None:
    spin49 = get_skeleton("spin49")
    assert build_mapping(get_skeleton("openpose25"), spin49) == tuple((i, i) for i in range(25))
    assert build_mapping(get_skeleton("spin24"), spin49) == tuple((i, i + 25) for i in range(24))
    openpose18 = build_mapping(get_skeleton("openpose18"), spin49, target_prefix="openpose_")
    assert [target for _, target in openpose18] == [*range(8), *range(9, 19)]


def test_spin49_names_its_entries_of_the_model() -> None:
    assert list(get_skeleton("spin49").model_joints) == SPIN49_MODEL


def test_kinematic_joints_of_spin49_have_the_same_names_in_smpl24() -> None:
    """Where both layouts have a joint by name, table 3.2 must point at that very joint of the model."""
    spin49 = get_skeleton("spin49")
    mapping = build_mapping(get_skeleton("smpl24"), spin49)
    assert len(mapping) == 10
    assert all(spin49.model_joints[target] == source for source, target in mapping)


@pytest.mark.parametrize("name", BONES)
def test_bones_are_those_of_the_table(name: str) -> None:
    expected = tuple(tuple(map(int, bone.split("-"))) for bone in BONES[name].split(","))
    assert get_skeleton(name).bones == expected


@pytest.mark.parametrize("name", SIZES)
def test_bones_join_two_joints_once_and_symmetrically(name: str) -> None:
    skeleton = get_skeleton(name)
    bones = {frozenset(bone) for bone in skeleton.bones}
    assert len(bones) == len(skeleton.bones)
    assert all(len(bone) == 2 and max(bone) < len(skeleton) for bone in bones)
    assert {frozenset(skeleton.flip[end] for end in bone) for bone in bones} == bones


def test_swapping_a_group_leaves_the_rest() -> None:
    coco = get_skeleton("coco17")
    swapped = [coco.joints[i] for i in coco.swap_permutation("arms")]
    assert swapped[5:11] == [
        *("right_shoulder", "left_shoulder", "right_elbow", "left_elbow", "right_wrist", "left_wrist"),
    ]
    assert swapped[:5] + swapped[11:] == list(coco.joints[:5] + coco.joints[11:])
    legs = {i for i, j in enumerate(coco.swap_permutation("legs")) if i != j}
    assert legs == set(range(11, 17))
    assert coco.swap_permutation("body") == coco.flip
    wrist = coco.swap_permutation("wrist")
    assert (wrist[9], wrist[10]) == (10, 9)
    assert sum(i != j for i, j in enumerate(wrist)) == 2


@pytest.mark.parametrize("name", SIZES)
def test_every_group_of_every_layout_undoes_itself(name: str) -> None:
    skeleton = get_skeleton(name)
    for group in ("body", "arms", "legs", *skeleton.pairs()):
        permutation = skeleton.swap_permutation(group)
        assert [permutation[i] for i in permutation] == list(range(len(skeleton)))
        assert permutation != tuple(range(len(skeleton)))


def test_people_read_titles() -> None:
    assert get_skeleton("coco17").titles[9] == "left wrist"
    assert get_skeleton("spin49").titles[7] == "left wrist (OpenPose)"
    assert all(len(set(get_skeleton(name).titles)) == SIZES[name] for name in SIZES)


def test_unknown_names_say_what_is_known() -> None:
    coco = get_skeleton("coco17")
    assert coco.index("left_wrist") == 9
    with pytest.raises(SkeletonError, match="coco17 has no joint named 'tail'"):
        coco.index("tail")
    with pytest.raises(SkeletonError, match="no group 'tail' to swap; known are body, arms, legs, eye"):
        coco.swap_permutation("tail")
    with pytest.raises(SkeletonError, match="no skeleton named 'coco18'; known are aic14, coco17"):
        get_skeleton("coco18")


GOOD = 'name = "pair"\ntitle = "Pair"\njoints = ["left_eye", "right_eye"]\nbones = [["left_eye", "right_eye"]]\n'


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('name = "pair"', 'name = "other"', "the name is 'other', expected 'pair'"),
        ('title = "Pair"\n', "", "'title' is missing"),
        ("joints =", "joint =", "'joint' is not a known key"),
        ('"right_eye"]\n', '"left_eye"]\n', "'left_eye' occurs twice"),
        ('"right_eye"]\n', '"nose"]\n', "'left_eye' has no partner 'right_eye'"),
        ('[["left_eye", "right_eye"]]', '[["left_eye", "nose"]]', r"bones\[0\] .* is not a pair"),
        ('[["left_eye", "right_eye"]]', '[["left_eye"]]', r"bones\[0\] .* is not a pair"),
        ('[["left_eye", "right_eye"]]', "7", "'bones' must be a list"),
        ("bones =", "model_joints = [1]\nbones =", "model_joints has 1 entries, expected 2"),
        ("bones =", "model_joints = [true, 1]\nbones =", "must be a list of indices"),
        ("bones =", 'titles = {nose = "snout"}\nbones =', "names 'nose'"),
        ("joints = [", "joints = [[", "not valid TOML"),
    ],
)
def test_a_malformed_layout_is_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = tmp_path / "pair.toml"
    path.write_text(GOOD)
    assert read_skeleton(path).flip == (1, 0)
    assert old in GOOD
    path.write_text(GOOD.replace(old, new))
    with pytest.raises(SkeletonError, match=message) as caught:
        read_skeleton(path)
    assert str(caught.value).startswith("pair.toml")


def test_resources_lie_in_the_package() -> None:
    assert default_body().name == "mannequin.npz"
    assert default_regressor().with_suffix(".json").name == "open_regressor.json"
    assert [path.stem for path in skeleton_files()] == sorted(SIZES)
    assert theme_file("dark").suffix == ".qss"
