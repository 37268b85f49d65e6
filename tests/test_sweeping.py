"""Sweep maps: every cell is the run that a lab with its settings would show."""

import asyncio

import numpy as np
import pytest

import nnlib
from nnlib.labs import Settings, sweep
from nnlib.labs.run import Run
from nnlib.labs.sweeping import Sweep
from tests.live_labs import Line, on_loop, tasks

BASE = Settings(dataset="moons", noise=0.2, width=4, depth=1, optimizer="sgd", learning_rate=0.1, epochs=6, seed=2)


@pytest.mark.parametrize(
    "settings",
    [BASE, BASE.with_(dataset="plane"), BASE.with_(dataset="blobs", optimizer="adam"), BASE.with_(l1=0.01)],
    ids=["binary", "regression", "multiclass", "l1"],
)
@pytest.mark.parametrize("axes", [("learning_rate", "l2"), ("width", "noise"), ("batch_size", "train_share")])
def test_each_cell_is_the_run_of_its_settings(settings, axes):
    values = {"learning_rate": (0.01, 0.3), "l2": (0.0, 0.1), "width": (2, 5), "noise": (0.0, 0.4),
              "batch_size": (5, 50), "train_share": (0.3, 0.6)}  # fmt: skip
    found = sweep(settings, *axes, xs=values[axes[0]], ys=values[axes[1]])
    assert found.test_loss.shape == (2, 2)
    for row, y in enumerate(found.ys):
        for column, x in enumerate(found.xs):
            alone = Run(settings.with_(**{axes[0]: x, axes[1]: y})).to_end().metrics()
            assert found.test_loss[row, column] == pytest.approx(alone["test_loss"], rel=1e-9)
            assert found.train_loss[row, column] == pytest.approx(alone["train_loss"], rel=1e-9)
            accuracy = found.test_accuracy
            assert (accuracy is None) == (alone["test_accuracy"] is None)
            assert accuracy is None or accuracy[row, column] == alone["test_accuracy"]
    assert not found.diverged.any()


def test_a_width_is_the_width_of_all_layers_where_each_has_its_own():
    listed = BASE.with_(widths=(5, 3), depth=0, activations=("relu", "common"))
    found = sweep(listed, "width", "noise", xs=(2, 4), ys=(0.0, 0.2))
    alone = Run(listed.with_(widths=(4, 4), noise=0.2)).to_end().metrics()
    assert found.test_loss[1, 1] == pytest.approx(alone["test_loss"], rel=1e-9)
    found = sweep(listed, "depth", "noise", xs=(1, 3), ys=(0.0, 0.2))
    alone = Run(listed.with_(widths=(5, 5, 5), noise=0.2)).to_end().metrics()
    assert found.test_loss[1, 1] == pytest.approx(alone["test_loss"], rel=1e-9)


def test_a_width_needs_a_layer():
    with pytest.raises(ValueError, match="without a hidden layer there is no width to sweep"):
        sweep(BASE.with_(depth=0), "width", "l2")
    assert sweep(BASE.with_(depth=0), "width", "depth", xs=(2, 3), ys=(0, 1)).test_loss.shape == (2, 2)


def test_seeds_are_averaged_and_a_log_of_changes_is_left_out():
    changed = BASE.with_(changes=((3, "l2", 0.5),), stop=10)
    found = sweep(changed, xs=(0.03, 0.3), ys=(0.001, 0.01), seeds=3)
    losses = [
        Run(BASE.with_(seed=seed, learning_rate=0.3, l2=0.01)).to_end().metrics()["test_loss"] for seed in (2, 3, 4)
    ]
    assert found.test_loss[1, 1] == pytest.approx(np.mean(losses), rel=1e-9)


def test_a_cell_that_diverges_is_marked_and_the_others_are_not():
    settings = BASE.with_(dataset="plane", activation="relu", depth=2, epochs=10)
    found = sweep(settings, xs=(0.01, 100.0), ys=(0.0, 0.001))
    assert found.diverged.tolist() == [[False, True]] * 2
    assert np.isinf(found.test_loss[:, 1]).all() and np.isfinite(found.test_loss[:, 0]).all()
    whole = Sweep(settings, xs=(0.01, 100.0), ys=(0.0, 0.001))
    list(whole.work())
    assert whole.finished_cells()[1] == [1, None, None, None, True]


def test_a_whole_run_is_trained_in_small_pieces_with_growing_shares():
    shares = list(Sweep(BASE, xs=(0.1, 0.3), ys=(0.0, 0.1), seeds=2).work())
    assert shares == sorted(shares) and shares[-1] == 1 and len(shares) > 50


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"x": "learning_rat"}, "unknown axis of a sweep 'learning_rat'. Did you mean 'learning_rate'"),
        ({"x": "l2", "y": "l2"}, "needs two settings, but both are l2"),
        ({"xs": ()}, "1 to 144 cells, not 0"),
        ({"xs": [0.1 + i for i in range(90)]}, "not 540"),
        ({"xs": (0.1, -1)}, "learning_rate must lie between 0 and 100, not -1"),
        ({"xs": (0.1, "0.3")}, "learning_rate must be a number"),
        ({"seeds": 0}, "seeds must be a whole number from 1 to 10, not 0"),
    ],
)
def test_what_makes_no_map_is_said_in_words(options, words):
    with pytest.raises(ValueError, match=words.replace("(", r"\(")):
        sweep(BASE, **options)


def test_the_map_suits_the_plot():
    found = sweep(BASE, xs=(0.01, 0.1), ys=(0.0, 0.01))
    axes = nnlib.plots.heat_map(found.test_loss, x=found.xs, y=found.ys, xlabel="η", ylabel="λ", label="test loss")
    assert len(axes.texts) >= 4


# --- in the kernel, beside the lab ------------------------------------------------------------------------------

AXES = {"x": "learning_rate", "y": "l2", "xs": [0.01, 0.1], "ys": [0, 0.01], "seeds": 1}


class Maps(Line):
    """The line, with the reports of a sweep kept."""

    def __init__(self, lab):
        super().__init__(lab)
        self.reports = []
        self.lab.engine.sweep._send = self.reports.append

    async def map(self, number, limit=10.0):
        end = asyncio.get_running_loop().time() + limit
        while not (self.reports and self.reports[-1].get("finished") and self.reports[-1]["id"] == number):
            assert asyncio.get_running_loop().time() < end, f"gave up; {self.reports[-1:]}"
            if self.frames:
                self.say("ack", frame=self.frames[-1].frame)
            await asyncio.sleep(0.002)
        return self.reports[-1]


def sweeps(lab):
    return [task for task in asyncio.all_tasks() if task.get_name() == f"nnlib-{lab.lab_id}-sweep"]


def test_a_map_is_trained_beside_the_lab_and_the_newest_request_wins(live):
    async def scenario(lab, _):
        line = Maps(lab)
        line.say("hello")
        line.say("sweep", id=1, **AXES)
        await asyncio.sleep(0.02)
        line.say("sweep", id=2, **AXES)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert len(sweeps(lab)) == 1
        last = await line.map(2)
        assert {report["id"] for report in line.reports[1:]} <= {1, 2} and last["share"] == 1
        losses = {index: test for index, _, test, *_ in last["cells"]}
        alone = Run(lab.settings.with_(learning_rate=0.1, l2=0.01)).to_end().metrics()["test_loss"]
        assert losses[3] == pytest.approx(alone, rel=1e-9)
        await line.paint(lambda frame: frame.status == "finished")
        await asyncio.sleep(0.05)
        assert sweeps(lab) == [] and tasks(lab) == []

    on_loop(scenario, optimizer="sgd", dataset="moons", epochs=30)


def test_a_map_does_not_starve_the_lab_and_can_be_cancelled(live):
    async def scenario(lab, _):
        line = Maps(lab)
        line.say("hello")
        line.say("sweep", id=1, x="width", y="noise", xs=[8, 16, 32], ys=[0, 0.1, 0.2], seeds=3)
        await line.paint(lambda frame: frame.epoch >= 2)
        begin = asyncio.get_running_loop().time()
        lab.controls["seed"].widget.value = 5
        await line.paint(lambda frame: frame.run == 2 and frame.epoch >= 1)
        assert asyncio.get_running_loop().time() - begin < 0.5
        assert len(sweeps(lab)) == 1
        line.say("sweep")
        await asyncio.sleep(0.05)
        assert sweeps(lab) == []
        line.say("sweep", id=2, x="width", y="noise", xs=[-8], ys=[0])
        assert line.messages[-1] == "error"

    on_loop(scenario, epochs=3000)


def test_a_hidden_lab_trains_no_map(live):
    async def scenario(lab, _):
        line = Maps(lab)
        line.say("hello")
        line.say("visible", visible=False)
        line.say("sweep", id=1, **AXES)
        await asyncio.sleep(0.1)
        assert line.reports == []
        line.say("visible", visible=True)
        await line.map(1)

    on_loop(scenario, epochs=3)
