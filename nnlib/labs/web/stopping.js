// Early stopping, the twin of nnlib/stopping.py: train until the test loss has had its minimum, and go back to it.

export class EarlyStopping {
  /** @param {number} patience how many epochs without a new best are allowed */
  constructor(patience) {
    this.patience = patience;
    this.bestLoss = Infinity;
    this.bestEpoch = 0;
    this.stopped = false;
    /** @type {Float64Array | null} parameters and statistics of the best epoch */
    this._best = null;
  }

  /** Take note of the loss after an epoch. @param {import("./network.js").Network} net @param {number} epoch @param {number} loss */
  watch(net, epoch, loss) {
    if (!this._best || loss < this.bestLoss) {
      this.bestLoss = loss;
      this.bestEpoch = epoch;
      this._best = net.state();
    }
    this.stopped = epoch - this.bestEpoch >= this.patience;
  }

  /** Write the best parameters and statistics seen back into the network. @param {import("./network.js").Network} net */
  restore(net) {
    net.setParameters(this._best);
  }
}
