"""Back along the run, in the kernel: the run is replayed to a step, its controls follow, and it goes on exactly."""

import asyncio

import numpy as np

from nnlib.labs import Settings
from nnlib.labs.run import Run
from tests.live_labs import on_loop, tasks

BASE = Settings(dataset="moons", noise=0.2, width=4, depth=1, optimizer="sgd", learning_rate=0.1, seed=2)


def test_a_rewound_run_goes_on_exactly_from_its_step(live):
    async def scenario(lab, line):
        line.say("hello")
        await line.paint(lambda frame: frame.status == "finished")
        before = Run(lab.settings.with_(stop=317)).to_end().network.parameters.astype(np.float32)
        line.say("act", action="rewind:317")
        await line.paint(lambda frame: frame.step == 317)
        assert line.frames[-1].status == "paused" and line.frames[-1].run == 1
        assert np.array_equal(line.frames[-1].parameters, before)
        assert [point[0] for point in line.frames[-1].curve] == list(range(13))
        assert lab.settings.stop == 317
        line.say("act", action="play")
        await line.paint(lambda frame: frame.status == "finished")
        assert np.array_equal(lab.engine.run.network.parameters, Run(lab.settings).to_end().network.parameters)
        await asyncio.sleep(0.05)
        assert tasks(lab) == []

    on_loop(scenario)


def test_rewinding_takes_back_later_changes_and_the_controls_follow(live):
    async def scenario(lab, line):
        line.say("hello")
        await line.paint(lambda frame: frame.status == "finished")
        lab.controls["l2"].widget.value = 0.1
        await line.paint(lambda frame: frame.epoch == 80)
        line.say("rewound", step=500)
        assert (lab.settings.stop, lab.settings.changes) == (500, ())
        line.say("rewound", step=None)
        assert lab.settings.changes == ((1000, "l2", 0.1),)
        line.say("act", action="rewind:500")
        assert lab.controls["l2"].value == 0.001
        line.say("act", action="step_batch")
        await line.paint(lambda frame: frame.step == 501)
        assert line.frames[-1].changes == []
        line.say("rewound", step=250)
        lab.controls["learning_rate"].widget.value = 0.1
        await line.paint(lambda frame: frame.status == "finished")
        assert line.frames[-1].changes == [[250, "learning_rate", 0.1]]
        assert np.array_equal(lab.engine.run.network.parameters, Run(lab.settings).to_end().network.parameters)

    on_loop(scenario, continue_run=True)


def test_a_run_is_loaded_with_its_changes_and_its_controls(live):
    async def scenario(lab, line):
        line.say("hello")
        await line.paint(lambda frame: frame.epoch > 1)
        values = {**BASE.to_json(), "epochs": 40, "changes": [[20, "l2", 0.1]], "stop": 60}
        line.say(
            "load", settings={name: value for name, value in values.items() if name not in ("continue_run", "pace")}
        )
        await line.paint(lambda frame: frame.step == 60)
        assert line.frames[-1].run == 1
        assert (lab.controls["dataset"].value, lab.controls["l2"].value) == ("moons", 0.1)
        expected = Run(Settings.from_json(values)[0]).to_end()
        assert np.array_equal(lab.engine.run.network.parameters, expected.network.parameters)
        line.say("load", settings={**values, "dataset": "nowhere"})
        assert line.messages[-1] == "error"
        for kind, content in [
            ("act", {"action": "rewind:100000"}),
            ("rewound", {"step": -1}),
            ("rewound", {"step": "x"}),
        ]:
            line.messages.clear()
            line.say(kind, **content)
            assert line.messages == ["error"]
        line.say("act", action="play")
        await line.paint(lambda frame: frame.status == "finished")

    on_loop(scenario)


def test_a_restart_in_the_middle_of_a_replay_wins(live):
    async def scenario(lab, line):
        line.say("hello")
        await line.paint(lambda frame: frame.status == "finished")
        line.say("act", action=f"rewind:{lab.engine.run.step - 1}")
        await asyncio.sleep(0.005)
        line.say("act", action="restart")
        await line.paint(lambda frame: frame.status == "finished" and frame.run == 2)
        assert line.frames[-1].epoch == 200

    on_loop(scenario, epochs=200)


def test_a_run_that_diverged_goes_on_from_before_with_a_smaller_rate(live):
    async def scenario(lab, line):
        line.say("hello")
        await line.paint(lambda frame: frame.status == "stopped-by-doctor")
        line.say("rewound", step=0)
        lab.controls["learning_rate"].widget.value = 0.01
        await line.paint(lambda frame: frame.status == "finished")
        assert line.frames[-1].run == 1 and line.frames[-1].diagnosis is None
        assert line.frames[-1].changes == [[0, "learning_rate", 0.01]]

    on_loop(scenario, dataset="plane", activation="relu", optimizer="sgd", learning_rate=10.0, continue_run=True)
