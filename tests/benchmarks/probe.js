// Watches one lab for the benchmarks, from inside its page: how long after a key press the first frame of the new
// revision is painted, how many animation frames that takes, and how often the lab paints.

(root) => {
  const probe = { presses: [] };
  let pressed = null;
  let frame = 0;
  let frameAtPress = 0;
  let { revision } = root.dataset;
  const count = () => {
    frame += 1;
    requestAnimationFrame(count);
  };
  requestAnimationFrame(count);
  document.addEventListener("keydown", (event) => {
    pressed = event.timeStamp;
    frameAtPress = frame;
  }, true);
  new MutationObserver(() => {
    if (root.dataset.revision === revision) return;
    ({ revision } = root.dataset);
    if (pressed === null) return;
    const begin = pressed;
    pressed = null;
    // The attributes change in the frame that paints. A task asked for now runs when the browser has laid that frame
    // out and handed it on, which is as near to the screen as a page can look.
    const painted = performance.now() - begin;
    setTimeout(() => probe.presses.push({ painted, handedOn: performance.now() - begin, frames: frame - frameAtPress }));
  }).observe(root, { attributes: true, attributeFilter: ["data-revision"] });

  /** Frames painted per second while the lab trains, over some seconds. */
  probe.framesPerSecond = async (seconds) => {
    const first = [performance.now(), Number(root.dataset.frames)];
    await new Promise((resolve) => { setTimeout(resolve, 1000 * seconds); });
    if (root.dataset.status !== "training") throw new Error(`the lab is ${root.dataset.status}, not training`);
    return (1000 * (Number(root.dataset.frames) - first[1])) / (performance.now() - first[0]);
  };

  /** Seconds and epochs from a click on `button` until the new run's test loss is below `goal`; null if it never is. */
  probe.secondsUntil = (button, goal) => new Promise((resolve) => {
    const run = Number(root.dataset.run);
    const begin = performance.now();
    const observer = new MutationObserver(() => {
      const { testLoss, epoch, status } = root.dataset;
      if (Number(root.dataset.run) === run) return;
      const reached = testLoss !== "" && Number(testLoss) < goal;
      if (!reached && status === "training") return;
      observer.disconnect();
      resolve(reached ? { seconds: (performance.now() - begin) / 1000, epoch: Number(epoch) } : null);
    });
    observer.observe(root, { attributes: true });
    button.click();
  });

  window.nnlibProbe = probe;
}
