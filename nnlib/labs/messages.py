"""Every sentence that a reader of a lab sees, in one place.

The view receives this catalogue as a trait and takes each of its words from it, so a translation of
this dict reaches the labs too. Names in braces are filled in: ``{epoch}``, ``{numbers}``, ….
A translation may put them in any order and leave some out.
"""

MESSAGES = {
    # The strip at the top: what to try, one sentence for each lab.
    "try": "Try:",
    "hint_capacity": "raise λ until the boundary is nearly straight, then lower it tenfold."
    " Which value gives the best test loss?",
    # The controls: headings of the groups, and the label of each field.
    "group_data": "Data",
    "group_model": "Model",
    "group_learning": "Learning",
    "control_dataset": "Data set",
    "control_noise": "Noise",
    "control_train_share": "Training share",
    "control_width": "Width",
    "control_depth": "Depth",
    "control_activation": "Activation",
    "control_loss": "Loss",
    "control_init": "Initial weights",
    "control_optimizer": "Optimiser",
    "control_learning_rate": "Learning rate η",
    "control_l1": "λ (L1)",
    "control_l2": "λ (L2)",
    "control_batch_size": "Batch size",
    "control_epochs": "Epochs",
    "control_seed": "Seed",
    "control_pace": "Epochs per picture",
    "control_continue_run": "keep training when η or λ changes",
    # Names in dropdowns, where they are written otherwise than in code.
    "option_xor": "XOR",
    "option_gauss": "two Gaussians",
    "option_blobs": "four blobs",
    "option_plane": "plane (regression)",
    "option_bumps": "bumps (regression)",
    "option_identity": "identity (linear)",
    "option_relu": "ReLU",
    "option_leaky_relu": "leaky ReLU",
    "option_prelu": "PReLU",
    "option_elu": "ELU",
    "option_gelu": "GELU",
    "option_silu": "SiLU",
    "option_swish": "Swish",
    "option_sgd": "SGD",
    # Toolbar: what stands on a button, and the longer text behind it.
    "toolbar": "Run the lab",
    "play": "Play",
    "play_title": "Train; a finished run goes on for as many epochs again",
    "pause": "Pause",
    "pause_title": "Stop training for a while",
    "step": "Step:",
    "step_epoch": "epoch",
    "step_epoch_title": "Train to the end of this epoch, then pause",
    "step_batch": "batch",
    "step_batch_title": "Train on one batch, then pause",
    "restart": "Restart",
    "restart_title": "Train again from the same initial weights",
    "new_weights": "New weights",
    "new_weights_title": "Train again with the next seed: new initial weights and a new sample of points",
    "epoch_of": "epoch {epoch} / {until}",
    # Who trains.
    "engine_starting": "starting",
    "engine_kernel": "trained in the kernel",
    "engine_page": "trained in the page",
    "use_kernel": "Use the kernel",
    "use_kernel_title": "The kernel answers again: let it train, from the start",
    # The network.
    "network_title": "Network",
    "network_caption": "unit maps: where it fires; lines: width is size, colour is sign",
    "network_label": "A network with {inputs} inputs, hidden layers of {hidden} units, and outputs: {outputs}",
    "x1": "x₁",
    "x2": "x₂",
    "input_column": "inputs",
    "hidden_column": "hidden {layer}",
    "hidden_column_short": "{layer}",
    "output_column": "output",
    "input_label": "Input {input}",
    "unit_label": "Hidden layer {layer}, unit {unit}",
    "output_label": "Output {unit}",
    # The output surface.
    "surface_title": "Output",
    "surface_caption": "filled points: training, hollow: test",
    "surface_label": "Decision surface over both inputs from −6 to 6 after epoch {epoch}, with {train} training and"
    " {test} test points: {numbers}.",
    "surface_label_regression": "Predicted values over both inputs from −6 to 6 after epoch {epoch}, with {train}"
    " training and {test} test points: {numbers}.",
    "classes": "class",
    # Numbers and curves.
    "train_loss": "train loss",
    "test_loss": "test loss",
    "test_accuracy": "test accuracy",
    "train": "train",
    "test": "test",
    "epochs": "epochs",
    "curves_label": "Training and test loss by epoch, up to epoch {epoch}: {numbers}.",
    "numbers": "train loss {train_loss}, test loss {test_loss}, test accuracy {test_accuracy}",
    "numbers_regression": "train loss {train_loss}, test loss {test_loss}",
    # The line under the lab.
    "says_starting": "The lab is starting.",
    "says_training": "Epoch {epoch} of {until}: {numbers}.",
    "says_paused": "Paused at epoch {epoch} of {until}: {numbers}.",
    "says_finished": "Finished at epoch {epoch}: {numbers}.",
    "says_stopped": "Stopped in epoch {epoch}: training has diverged.",
    # When something goes wrong.
    "diverged": "Training has diverged: each step overshoots the valley and lands higher than it began, so the"
    " weights grow without end. A smaller learning rate cures it.",
    "gentler": "Set the learning rate to {rate}",
    "gentler_title": "Lower the learning rate and train again",
    "error": "This did not work: {text} Change a setting to go on.",
    "saved_broken": "The saved run cannot be shown: {text} The lab starts afresh.",
}
