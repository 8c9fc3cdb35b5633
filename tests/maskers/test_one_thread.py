"""Linear algebra on one thread: for as long as any thread wants it, and no longer."""

from threading import Barrier, Thread

from threadpoolctl import ThreadpoolController, threadpool_limits

from skmask._maskers.one_thread import one_blas_thread


def blas_threads():
    return {
        library["num_threads"]
        for library in ThreadpoolController().info()
        if library["user_api"] == "blas"
    }


def test_limits_end_with_the_last_thread():
    with threadpool_limits(2, user_api="blas"):
        before = blas_threads()
        inside, first_left = Barrier(2), Barrier(2)

        def enter_second_and_leave_first():
            with one_blas_thread():
                inside.wait()
            first_left.wait()

        other = Thread(target=enter_second_and_leave_first)
        with one_blas_thread():
            other.start()
            inside.wait()
            first_left.wait()
            assert blas_threads() == {1}
        other.join()
        assert blas_threads() == before
