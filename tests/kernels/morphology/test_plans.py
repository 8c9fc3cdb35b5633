import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skmask._kernels.morphology.footprints import build_footprint
from skmask._kernels.morphology.plans import plan_union, widen


def offsets_of(plan, ndim):
    """Carry out a plan on sets of offsets."""
    arrays = {0: {(0,) * ndim}}
    for step in plan.steps:
        arrays[step.target] = {
            tuple(np.add(offset, ref.shift).tolist())
            for ref in step.sources
            for offset in arrays[ref.array]
        }
    return arrays[plan.result]


def offsets_in(footprint):
    return set(map(tuple, (np.argwhere(footprint) - np.array(footprint.shape) // 2).tolist()))


@st.composite
def footprints(draw):
    shape = tuple(2 * draw(st.integers(0, 3)) + 1 for _ in range(draw(st.integers(1, 4))))
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    pixels = random.random(shape) < draw(st.sampled_from([0.1, 0.5, 0.9, 1]))
    pixels[tuple(random.integers(0, shape))] = True
    return pixels


@settings(max_examples=100, deadline=None)
@given(footprints())
def test_plan_joins_exactly_the_offsets_of_the_footprint(footprint):
    plan = plan_union(footprint)
    assert offsets_of(plan, footprint.ndim) == offsets_in(footprint)
    assert len(plan.steps) <= max(1, footprint.sum() - 1)
    assert plan.reach == tuple(size // 2 for size in footprint.shape)
    for step in plan.steps:  # NumPy would copy arrays that overlap
        for ref in step.sources:
            assert ref.array != step.target or not any(ref.shift)
    used = {0} | {step.target for step in plan.steps}
    assert used == set(range(plan.n_arrays))


@settings(max_examples=100, deadline=None)
@given(footprints(), st.integers(2, 9))
def test_wide_plans_join_the_same_offsets_in_no_more_steps(footprint, most):
    plan = plan_union(footprint)
    wide = widen(plan, most)
    assert offsets_of(wide, footprint.ndim) == offsets_in(footprint)
    assert len(wide.steps) <= len(plan.steps)
    assert wide.reach == plan.reach
    for step in wide.steps:
        assert len(step.sources) <= most
        for ref in step.sources:
            assert ref.array != step.target or not any(ref.shift)
    used = {0} | {step.target for step in wide.steps}
    assert used == set(range(wide.n_arrays))


def test_wide_plans_of_the_nearest_neighbors_take_a_step_or_two():
    for name, n_steps in (("diamond", 1), ("square", 2)):
        plan = plan_union(build_footprint(name, 2))
        assert len(plan.steps) == 4
        assert len(widen(plan, 5).steps) == n_steps


@pytest.mark.parametrize(
    ("name", "ndim", "radius", "n_steps"),
    [
        ("diamond", 2, 1, 4),
        ("square", 2, 1, 4),
        ("square", 2, 10, 10),
        ("disk", 2, 10, 26),
        ("square", 3, 1, 6),
        ("disk", 3, 5, 56),
    ],
)
def test_plan_takes_few_steps(name, ndim, radius, n_steps):
    footprint = build_footprint(name, ndim, radius=radius)
    plan = plan_union(footprint)
    assert offsets_of(plan, ndim) == offsets_in(footprint)
    assert len(plan.steps) <= n_steps


def test_nothing_to_do_for_the_center_alone():
    assert plan_union(np.ones((1, 1), dtype=bool)).steps == ()
