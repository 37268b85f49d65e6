"""A lab: controls, a view, and a network that trains while the reader looks.

The widget tree is standard ipywidgets beside one view, linked in the browser, so it works with a
kernel (nnlib trains here) and without (the page trains). A lab shows itself when it is made; naming
it as the last line of a later cell shows another view of the same lab.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass

import ipywidgets as widgets

from nnlib.labs import own_points, scripts
from nnlib.labs.controls import Control, arrange
from nnlib.labs.kernel import KernelEngine
from nnlib.labs.links import Teaching, check_teaching, link_rules, read_link
from nnlib.labs.list_control import ListControl
from nnlib.labs.messages import MESSAGES
from nnlib.labs.run import make_data, without_unknown_parameters
from nnlib.labs.settings import FIELDS, NOT_OF_RUN
from nnlib.labs.view import view_class
from nnlib.registry import lookup

_made = Counter()  # labs made in this kernel, by name: the second capacity lab is "capacity-2"


@dataclass(frozen=True)
class Plan:
    """What makes one lab differ from another.

    Attributes
    ----------
    name : str
        The lab's name, as in ``LABS`` and in links.
    groups : dict
        Message key of a heading → fields whose controls stand under it.
    presets : dict
        Name → Settings; the first is where the lab begins, and where links that leave a field out fall back to.
    choices : dict
        Field → the choices this lab offers, where they are fewer than all.
    lists : tuple of str
        Fields that hold lists and may be changed in the view itself; of ``features``, ``widths`` and ``activations``,
        which it can show, it shows those that stand here.
    closed : tuple of str
        Groups that show their heading only, until the reader opens them.
    parts : tuple of str
        What the view shows beside the usual pictures, by name: ``"presets"`` (a button for each, which sets what a
        control shows and nothing else), ``"half_planes"``, ``"hidden_space"``, ``"truth_table"``, ``"weight_numbers"``.
        What dropout switches off is shown in every lab.
        To add one: a class in ``web/parts/<name>.js`` that is made with the view, puts its elements where they belong
        and paints the run as it is looked at; its entry in ``web/parts/index.js``, its css in ``web/parts/parts.css``;
        and its name in ``PARTS`` of ``nnlib/labs/parts.py``, where also stand the twins of its numbers and, in
        ``FIGURES``, how it is printed.
    plot : str
        What is seen first under the output: ``"loss"``, ``"accuracy"``, ``"weights"`` or ``"confusion"``.
    sensitive : tuple of str
        Presets whose runs are chaotic: the last bit of a float, in which processors differ, ends in other losses. A lab
        says so in words as long as it shows such a run. All other presets are tame, the first among them: change every
        random number by 1e-12 of itself, and no loss moves by 1e-5 of itself (``tests/robustness/presets.py``).
    """

    name: str
    groups: dict
    presets: dict
    choices: dict
    lists: tuple = ()
    closed: tuple = ()
    parts: tuple = ()
    plot: str = "loss"
    sensitive: tuple = ()

    #: field → Field, what each control may be set to
    specs = FIELDS

    def open(self, settings, problems=(), **options):
        """Return the lab with these settings, options as for :class:`Lab`.

        Changes of parameters that its network lacks become problems.
        """
        if "widths" in self.lists:  # the reader takes layers away one by one, down to none
            settings = settings.with_(widths=settings.hidden_widths, depth=0)
        settings, more = without_unknown_parameters(settings)
        return Lab(self, settings, [*problems, *more], **options)

    @property
    def defaults(self):
        return next(iter(self.presets.values()))

    @property
    def hint(self):
        return MESSAGES[f"hint_{self.name}"]

    @property
    def fields(self):
        return [field for fields in self.groups.values() for field in fields]


class Lab:
    """A live lab. Made by the functions of ``LABS``, and by :meth:`from_link`.

    Attributes
    ----------
    plan : Plan
        What makes this lab differ from others.
    settings : Settings
        What describes the run on the screen: its start, the changes made since, and where it stopped.
    controls : dict
        Field → Control; setting ``controls["width"].widget.value`` is what a reader's hand does.
    view : LabView
    widget : ipywidgets.VBox
        The whole tree.
    engine : KernelEngine
    problems : list of str
        What a link asked for that could not be used, one sentence each.
    """

    def __init__(self, plan, settings, problems=(), *, teaching=None, defaults=None):
        self.plan, self.problems = plan, list(problems)
        settings, run = settings.in_force(), settings
        replay = {}
        if settings != run:
            replay = {"settings": run.to_json(), "changes": [list(change) for change in run.changes], "stop": run.stop}
        _made[plan.name] += 1
        count = _made[plan.name]
        self.lab_id = plan.name if count == 1 else f"{plan.name}-{count}"
        self.controls = {
            field: Control(field, getattr(settings, field), MESSAGES, plan.choices.get(field), plan.specs[field])
            for field in plan.fields
        }
        self.controls |= {field: ListControl(field, getattr(settings, field), MESSAGES) for field in plan.lists}
        fixed = {name: value for name, value in settings.to_json().items() if name not in self.controls}
        points = {name: fixed.pop(name) for name in ("points", "points_task") if name in fixed}
        kinds = {field: control.kind for field, control in self.controls.items()}
        self.view = view_class(kinds)(
            lab=plan.name,
            lab_id=self.lab_id,
            hint=" ".join([plan.hint, *self.problems]),
            messages=MESSAGES,
            schema=[control.schema() for control in self.controls.values()],
            fixed=fixed,
            preset_order=list(plan.presets),
            sensitive=[plan.presets[name].of_run() for name in plan.sensitive],
            parts=list(plan.parts),
            plot=plan.plot,
            replay=replay,
            defaults={
                field: control.raw_of(getattr(defaults or settings, field)) for field, control in self.controls.items()
            },
            link_rules=link_rules(plan.defaults, plan.specs),
            **points,
            **{f"value_{field}": control.raw() for field, control in self.controls.items()},
        )
        if "presets" in self.view.parts:
            self.view.presets = {name: self._preset_values(preset) for name, preset in plan.presets.items()}
        self.view.add_class("nnlib-view")
        self._moving = False
        self.engine = self._make_engine(run)
        if teaching:
            self.teach(teaching.hide, teaching.lock)
        for field, control in self.controls.items():
            if control.kind == "list":
                control.widget = self.view
            else:
                widgets.jslink((control.widget, control.linked), (self.view, f"value_{field}"))
            control.widget.observe(self._on_control, names=control.linked)
        self.view.observe(self._on_control, names=["points", "points_task"])
        self.view.on_msg(self._on_message)
        self.widget = self._tree()
        if _headless():
            self.run()

    def _make_engine(self, settings):
        engine = KernelEngine(self.lab_id, settings, self.view.send)
        engine.move_controls = self._move_controls
        return engine

    def _preset_values(self, preset):
        """Return what the button of a preset sets: every field of the run that the reader could set by hand."""
        shown = [field for field in (*self.controls, "points", "points_task") if field not in NOT_OF_RUN]
        values = preset.to_json()
        return {field: values[field] for field in shown}

    def _tree(self):
        # The view first: Tab goes from its toolbar to the controls; where each stands is up to lab.css.
        grid = widgets.Box([self.view, arrange(self.plan.groups, self.controls, MESSAGES, self._closed())])
        grid.add_class("nnlib-grid")
        tree = widgets.VBox([grid])
        tree.add_class("nnlib-lab")
        return tree

    def _closed(self):
        """Return the groups that are closed at first: none in which something stands elsewhere than by default."""
        settings, defaults = self.engine.settings, self.plan.defaults
        as_usual = lambda field: getattr(settings, field) == getattr(defaults, field)  # noqa: E731
        return [key for key in self.plan.closed if all(map(as_usual, self.plan.groups[key]))]

    @staticmethod
    def from_link(link):
        """Return the lab that a link describes, with the run it describes.

        What the link asks for and this book does not have is named in ``problems`` and above the lab.

        Raises
        ------
        ValueError
            If the link names no lab of this book.
        """
        from nnlib.labs import plan_of

        fragment = link.rpartition("#")[2]
        lab_id, _, query = fragment.partition("?")
        plan = plan_of(lab_id)
        settings, teaching, problems = read_link(query, plan.defaults, plan.fields)
        return plan.open(settings, problems, teaching=teaching, defaults=plan.defaults)

    # --- what it is and does --------------------------------------------------------------------------------

    @property
    def settings(self):
        """The Settings of the run as it stands, the changes made during it included."""
        run = self.engine.run
        if run is None or self.engine.stale:
            return self.engine.replay or self.engine.settings
        if self.engine.rewound is not None:
            return self.engine.settings_until(self.engine.rewound)
        end = run.settings.epochs * run.steps_per_epoch
        as_planned = not run.changes and (run.step == end or run.stopped_early or self.engine.status == "training")
        stop = None if as_planned else run.step
        steering = {name: getattr(self.engine.settings, name) for name in NOT_OF_RUN}
        return run.settings.with_(changes=tuple(run.changes), stop=stop, **steering)

    @property
    def link(self):
        """``#<lab id>?v=1&field=value&…``: the whole run, to be put behind a page's address."""
        teaching = Teaching(tuple(self.view.hide), tuple(self.view.lock))
        return f"#{self.lab_id}?{self.settings.to_query()}{teaching.to_query()}"

    def teach(self, hide=(), lock=()):
        """Take controls out of a reader's hands, also in links and on saved pages.

        Parameters
        ----------
        hide : list of str
            Fields whose controls are not shown, such as ``["l2"]``.
        lock : list of str
            Fields whose controls are shown and cannot be moved, such as ``["seed"]``.

        Raises
        ------
        ValueError
            For a field that has no control in this lab.
        """
        teaching = check_teaching(hide, lock, self.controls)
        self.view.hide, self.view.lock = list(teaching.hide), list(teaching.lock)

    def code(self, kind="nnlib"):
        """Return a script that prints the losses which the lab shows.

        The kind ``"nnlib"`` needs this library; ``"torch"`` needs PyTorch and nothing else.

        Raises
        ------
        ValueError
            For another kind, and for ``"torch"`` where PyTorch cannot do what nnlib does.
        """
        return scripts.script(self.settings, kind)

    def run(self):
        """Train to the end without a view, and keep the finished run for a saved page. Returns the Run."""
        run = self.engine.to_end()
        self.view.saved_parameters = self.engine.parameters()
        state = self.engine.state()
        del state["settings"]["points"]  # they are a trait of their own
        self.view.saved = {**state, "until": self.engine.until, "curve": _to_draw(self.engine.curve())}
        self.view.alt = self.alt
        return run

    def figure(self):
        """Return a matplotlib Figure of the run as it stands: the surface and the loss curves."""
        from nnlib.labs.picture import picture

        if self.engine.run is None:
            self.run()
        return picture(self.engine, self.plan.parts)

    @property
    def alt(self):
        """The run in one sentence, for readers who do not see the picture."""
        if self.engine.run is None:
            return self.plan.hint
        from nnlib.labs.picture import describe

        words = describe(self.engine, self.plan.parts)
        run = self.engine.run
        now = run.settings.with_(changes=tuple(run.changes)).in_force()
        return f"{words} {MESSAGES['sensitive']}" if now.of_run() in self.view.sensitive else words

    # --- showing it -----------------------------------------------------------------------------------------

    def show(self):
        """Display the lab, where there is something to display it in, and return it."""
        shell = _shell()
        if shell is not None:
            self._shown_in = shell.execution_count
            self._display()
        return self

    def _ipython_display_(self):
        # A lab shows itself when it is made; as the last line of that same cell it must not come twice.
        shell = _shell()
        if shell is not None and getattr(self, "_shown_in", None) == shell.execution_count:
            self._shown_in = None
            return
        self._display()

    def _display(self):
        from IPython.display import display

        data, metadata = self._repr_mimebundle_()
        display(data, metadata=metadata, raw=True)

    def _repr_mimebundle_(self, include=None, exclude=None):
        """The widget; for a page to be built also the picture, for print and for readers without scripts."""
        data = {
            "application/vnd.jupyter.widget-view+json": {
                "version_major": 2,
                "version_minor": 0,
                "model_id": self.widget.model_id,
            },
            "text/plain": repr(self),
        }
        metadata = {}
        if _headless():
            from nnlib.labs.picture import png

            data["image/png"] = png(self.figure())
            metadata["image/png"] = {"alt": self.alt}
        return data, metadata

    def __repr__(self):
        return f"<nnlib lab {self.lab_id!r}: {self.settings.to_query()}>"

    # --- callbacks ------------------------------------------------------------------------------------------

    def _move_controls(self, settings):
        """Put the controls where settings have them, without starting a run for each."""
        self._moving = True
        try:
            for field, control in self.controls.items():
                if control.kind == "list":
                    setattr(self.view, control.linked, list(getattr(settings, field)))
                else:
                    control.widget.value = getattr(settings, field)
            if settings.dataset == "own":
                self.view.points, self.view.points_task = settings.to_json()["points"], settings.points_task
        finally:
            self._moving = False

    def _on_control(self, change):
        if self._moving:
            return
        self.engine.call(lambda: self._guarded(lambda: self.engine.set(self._read_controls())))

    def _on_message(self, view, content, buffers):
        self.engine.call(lambda: self._guarded(lambda: self.engine.receive(content)))

    def _read_controls(self):
        before, points = self.engine.settings, {"points": self.view.points, "points_task": self.view.points_task}
        settings = before.with_(
            changes=(), stop=None, **points, **{field: control.value for field, control in self.controls.items()}
        )
        if settings.dataset == "own" != before.dataset and not settings.points and settings.points_task == "auto":
            # Nothing of the reader's own yet: the points that were on the screen are a beginning. A page sends them
            # by itself. Set here, they could replace those of a reader who has just cleared them: messages of two
            # widgets may overtake each other.
            if self.engine.met_page:
                return settings.with_(dataset=before.dataset)
            points, task = own_points.copy_points(make_data(before))
            settings = settings.with_(points=points, points_task=task)
            with self.view.hold_trait_notifications():
                self.view.points, self.view.points_task = settings.to_json()["points"], task
        return settings

    def _guarded(self, action):
        """Do what the reader asked for; what goes wrong is said in the lab, in words."""
        try:
            action()
        except Exception as error:
            self.engine.fail(error)


def make(plan, preset, **values):
    """Return and show a lab that begins at a preset with some settings changed.

    Raises
    ------
    ValueError
        For a preset or setting that does not exist, or a value it does not allow.
    """
    settings = lookup(plan.presets, preset, "preset").with_(**values)
    if getattr(settings, "dataset", None) == "own":
        own_points.own_data(settings)  # what cannot be learned from is said here, where the points were written
    return plan.open(settings).show()


def _to_draw(curve, digits=7):
    """Return the curves with no more digits than a line can show; all of the last point, which is told in numbers."""
    shorter = lambda value: value if value is None else float(f"{value:.{digits}g}")  # noqa: E731
    columns = {name: [*map(shorter, values[:-1]), *values[-1:]] for name, values in curve.items() if name != "epoch"}
    return {"epoch": curve["epoch"], **columns}


def _headless():
    """True where a lab must finish inside its cell: under nbval and while the site is built."""
    return bool(os.environ.get("NNLIB_HEADLESS"))


def _shell():
    try:
        from IPython import get_ipython
    except ImportError:
        return None
    shell = get_ipython()
    return shell if hasattr(shell, "kernel") else None
