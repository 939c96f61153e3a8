// Initial weights are drawn from libtorch's one generator, which tests that run at once would share.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
